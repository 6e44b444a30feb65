import pytest

from onboarding.linking.models import Company, CustomerSession

from . import seen

pytestmark = pytest.mark.django_db
ANSWERS = {"name": "Brook & Sons Ltd", "email": "owner@brook.example"}


@pytest.fixture
def form(client, xero, qbo):
    """The hidden field of a form that was really shown."""
    return {"start_key": seen.hidden(client.get("/"), "start_key")}


def test_start_asks_two_things_and_says_how_long_it_takes(client, xero, qbo):
    page = client.get("/")
    assert seen.heading(page) == "Connect your business to Northbank"
    assert seen.title(page) == "Connect your business to Northbank – Step 1 of 4 – Northbank"
    assert seen.primary_buttons(page) == ["Connect accounting software"]
    assert "about 3 minutes" in seen.text(page)


def test_answers_make_a_company_and_let_this_browser_in(client, form):
    response = client.post("/", {**form, **ANSWERS})
    company = Company.objects.get()
    assert company.true_name == "Brook & Sons Ltd"
    assert company.primary_contact.email == "owner@brook.example"
    assert response.status_code == 303
    assert response["Location"] == f"/journey/{company.public_id}/software/"
    cookie = response.cookies["journey"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert client.get(response["Location"]).status_code == 200


def test_the_key_in_the_cookie_is_stored_nowhere(client, form):
    client.post("/", {**form, **ANSWERS})
    key = client.cookies["journey"].value
    assert CustomerSession.objects.get().key_hash not in key
    assert len(key) >= 40


def test_second_press_of_the_button_finds_the_same_company(client, form):
    first = client.post("/", {**form, **ANSWERS})
    second = client.post("/", {**form, **ANSWERS})
    assert first["Location"] == second["Location"]
    assert Company.objects.count() == 1


def test_a_name_corrected_after_back_is_not_dropped(client, form):
    client.post("/", {**form, **ANSWERS})
    client.post("/", {**form, **ANSWERS, "name": "Brook & Daughters Ltd"})
    assert set(Company.objects.values_list("true_name", flat=True)) == {
        "Brook & Sons Ltd",
        "Brook & Daughters Ltd",
    }


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"name": "", "email": "a@b.example"}, "Enter the name of your business"),
        ({"name": "   ", "email": "a@b.example"}, "Enter the name of your business"),
        ({"name": "!!!", "email": "a@b.example"}, "Use at least one letter or number"),
        ({"name": "x" * 201, "email": "a@b.example"}, "Use 200 characters or fewer"),
        ({"name": "Brook", "email": ""}, "Enter an e-mail address like name@example.com"),
        ({"name": "Brook", "email": "owner"}, "Enter an e-mail address like name@example.com"),
    ],
)
def test_a_refused_answer_is_named_once_above_and_once_at_its_field(client, form, answers, error):
    page = client.post("/", {**form, **answers})
    assert page.status_code == 422
    assert seen.title(page).startswith("Error: ")
    assert seen.errors(page) == [error]
    assert seen.text(page).count(error) == 2
    assert Company.objects.count() == 0


def test_what_was_typed_stays_after_a_mistake(client, form):
    page = client.post("/", {**form, "name": "Brook <b>", "email": "wrong"})
    assert 'value="Brook &lt;b&gt;"' in page.content.decode()
    assert 'value="wrong"' in page.content.decode()


def test_a_name_without_a_latin_letter_is_welcome(client, form):
    client.post("/", {**form, "name": "ブルック商店", "email": "owner@brook.example"})
    assert Company.objects.get().true_name == "ブルック商店"


def test_a_form_without_its_hidden_field_still_works(client, xero, qbo):
    assert client.post("/", ANSWERS).status_code == 303


def test_with_one_software_on_offer_the_chooser_is_skipped(client, xero):
    page = client.get("/")
    assert "Step 1 of 3" in seen.title(page)
    response = client.post("/", ANSWERS)
    assert response["Location"].endswith("/permission/gbol/")


def test_two_businesses_in_one_browser_are_both_open(client, xero, qbo):
    client.post("/", ANSWERS)
    client.post("/", {**ANSWERS, "name": "Harbour Cafe Ltd"})
    for company in Company.objects.all():
        assert client.get(f"/journey/{company.public_id}/software/").status_code == 200


def test_without_self_service_the_page_points_at_the_mailed_link(client, settings):
    settings.SELF_SERVICE = False
    page = client.get("/")
    assert "by e-mail" in seen.text(page)
    assert "<input" not in page.content.decode()
    assert client.post("/", ANSWERS).status_code == 405
    assert Company.objects.count() == 0


def test_too_many_posts_get_a_page_that_says_to_wait(client, real_redis, settings, xero, qbo):
    settings.PUBLIC_POST_LIMIT = "2/600"
    answers = [client.post("/", ANSWERS).status_code for _ in range(3)]
    assert answers == [303, 303, 429]
    page = client.post("/", ANSWERS)
    assert seen.heading(page) == "Wait a few minutes, then carry on"


def test_the_same_answers_in_a_new_form_of_the_same_browser_find_the_same_company(client, form):
    client.post("/", {**form, **ANSWERS})
    client.post("/", {"start_key": seen.hidden(client.get("/"), "start_key"), **ANSWERS})
    assert Company.objects.count() == 1

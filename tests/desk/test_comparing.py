"""Two customers with one number, side by side: who sees both, and who says what they are."""

import pytest
from django.test import Client
from django.utils import timezone

from onboarding.linking.stages import Stage
from tests.factories import make_double, make_identity

from .cast import connect, make_user, register


@pytest.fixture
def known(bob):
    other = register(bob, "Mill Lane Ltd")
    return make_identity(connect(other), "Mill Lane", confirmed_at=timezone.now())


@pytest.fixture
def found(company, known):
    return make_double(company, known)


def url(found):
    connection = found.connection
    company = connection.company
    return f"/desk/companies/{company.public_id}/connections/{connection.public_id}/compare/"


def text(response):
    return response.content.decode()


def say(client, found, answer, **more):
    given = {"identity": found.public_id, "answer": answer, **more}
    return client.post(url(found), given, follow=True)


def test_who_may_not_see_the_other_customer_reads_no_name(desk, found):
    worklist, page = text(desk.get("/desk/")), text(desk.get(url(found)))
    assert "May exist already" in worklist
    assert f'href="{url(found)}"' in worklist
    assert "A customer you may not see." in page
    assert "Same number as another customer." in worklist
    for each in (worklist, page):
        assert "Mill Lane" not in each
    assert "Two separate customers" not in page


def test_a_senior_sees_both_side_by_side(sams_desk, found):
    assert "Same number as \u2068Mill Lane Ltd\u2069." in text(sams_desk.get("/desk/"))
    page = text(sams_desk.get(url(found)))
    for words in ("Brook &amp; Sons Ltd", "Mill Lane Ltd", "Two separate customers"):
        assert words in page
    assert "The same customer" in page
    assert "was told to have an e-mail by" in page


def test_what_only_one_has_told_has_its_row_at_both(sams_desk, found):
    found.tax_number = "GB123456789"
    found.save(update_fields=["tax_number"])
    page = text(sams_desk.get(url(found)))
    assert page.count("<dt>Tax number</dt>") == 2
    assert '<bdi dir="ltr">–</bdi>' in page


def test_separate_customers_carry_on(sams_desk, company, found):
    for _ in range(2):
        say(sams_desk, found, "separate")
    company.refresh_from_db()
    assert company.stage == Stage.READING
    assert company.emails.filter(kind="checked").count() == 1
    assert company.history.get(subject="separate_customers").actor == "Sam"
    assert not company.problems.open().exists()


def test_the_same_customer_is_closed_and_the_one_known_before_stays(
    sams_desk, company, known, found
):
    for _ in range(2):
        say(sams_desk, found, "same")
    company.refresh_from_db()
    assert company.stage == Stage.CLOSED
    assert company.emails.get(cancelled_at=None).kind == "already_with_us"
    assert known.connection.company.closed_at is None
    assert "nothing to compare" in text(sams_desk.get(url(found), follow=True))


def test_a_senior_who_confirms_such_a_business_is_led_to_the_comparison(sams_desk, company, known):
    type(known).objects.update(registration_key="8123456")
    newer = make_identity(connect(company), registration_key="8123456")
    names = url(newer).replace("compare", "names")
    yes = {"identity": newer.public_id, "answer": "yes"}
    response = sams_desk.post(url(newer).replace("compare", "whose"), yes)
    assert response["Location"] == url(newer)
    assert f'href="{url(newer)}"' in text(sams_desk.get(names))


@pytest.mark.parametrize("answer", ["separate", "same"])
def test_an_account_manager_does_not_say(desk, company, found, answer):
    assert desk.post(url(found), {"identity": found.public_id, "answer": answer}).status_code == 403
    found.refresh_from_db()
    assert found.is_held


def test_nobody_says_what_two_customers_are_without_seeing_both(company, found, alice):
    judge = make_user("Judy", "senior")
    judge.groups.get().permissions.remove(
        judge.groups.get().permissions.get(codename="view_all_companies")
    )
    company.owner = judge
    company.save(update_fields=["owner"])
    client = Client()
    client.force_login(judge)
    for answer in ("separate", "same"):
        say(client, found, answer)
    found.refresh_from_db()
    assert found.is_held


def test_an_answer_to_what_was_not_shown_changes_nothing(sams_desk, company, known, found):
    newer = make_identity(found.connection, "Somebody newer")
    newer.same_number_as, newer.doubled_at = known, timezone.now()
    newer.save(update_fields=["same_number_as", "doubled_at"])
    assert "Something has changed meanwhile." in text(say(sams_desk, found, "same"))
    company.refresh_from_db()
    assert company.closed_at is None


def test_where_nothing_is_doubled_there_is_nothing_to_compare(sams_desk, company):
    plain = make_identity(connect(company), confirmed_at=timezone.now())
    assert "nothing to compare" in text(sams_desk.get(url(plain), follow=True))


def test_the_customers_page_leads_to_the_comparison(sams_desk, company, found):
    page = text(sams_desk.get(f"/desk/companies/{company.public_id}/"))
    assert f'href="{url(found)}"' in page
    assert "to be compared" in page

import re

import pytest
from django.urls import reverse

from onboarding.linking import codat_client
from onboarding.linking.context_processors import forget_firm
from onboarding.linking.models import Branding, Company, Consent, ConsentText, Platform
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:permission", args=[company.public_id, "gbol"])


@pytest.fixture
def ticked(customer, url):
    return {"agree": "on", "version": seen.hidden(customer.get(url), "version")}


@pytest.fixture
def press_during(customer, url, ticked, simulator, settings):
    """Agree while Codat answers `create-company` with a fault."""

    def press(fault):
        settings.CODAT_WEB_TIMEOUT = 0.5
        codat_client.for_web.cache_clear()
        simulator.control(
            "POST", "/faults", {"match": {"operation": "create-company"}, "fault": fault}
        )
        return customer.post(url, ticked)

    return press


def test_five_sections_a_list_and_an_unticked_box(customer, url):
    response = customer.get(url)
    assert seen.heading(response) == "Let Northbank read from Xero"
    words = seen.text(response)
    for part in ("Why we ask", "What we can do", "About your business", "What we read"):
        assert part in words
    assert "How long we keep it" in words
    assert "Invoices you send" in words
    assert "We only read. We change nothing, and we cannot move money." in words
    assert "You can stop at any time, under “Your connections” or inside Xero." in words
    assert "Next comes Xero’s own sign-in page. Then you come back here." in words
    assert "checked" not in response.content.decode()
    assert seen.primary_buttons(response) == ["Agree and go to Xero"]


def test_what_is_read_is_what_this_software_offers_to_read(customer, url, xero):
    xero.features = {"bills": ["Get"], "items": ["Post"], "suppliers": ["Get", "Put"], "x": ["Get"]}
    xero.save(update_fields=["features"])
    listed = re.findall(r"<li>([^<]+)</li>", terms_of(customer.get(url)))
    assert listed == ["Bills you get", "Suppliers", "Other information: x"]


def terms_of(page):
    return page.content.decode().partition('class="card stack terms"')[2].partition("</div>")[0]


def test_the_firms_own_policy_stands_beside_the_box(customer, url):
    assert "privacy policy" not in seen.text(customer.get(url))
    Branding.objects.create(name="Northbank", privacy_url="https://northbank.example/privacy")
    forget_firm()
    page = customer.get(url)
    assert "as written here and in the privacy policy ." in seen.text(page)
    label = page.content.decode().partition('name="agree"')[2].partition("</label>")[0]
    assert 'href="https://northbank.example/privacy"' in label


def test_permission_is_given_for_one_software_only(customer, url, ticked, simulator):
    customer.post(url, ticked)
    other = customer.get(url.replace("gbol", "qhyg"))
    assert seen.heading(other) == "Let Northbank read from QuickBooks Online"
    assert Consent.objects.get().platform_key == "gbol"


def test_the_form_may_lead_off_site_and_others_may_not(customer, url, company):
    assert "https:" in seen.form_action(customer.get(url))
    choose = customer.get(reverse("journey:choose", args=[company.public_id]))
    assert seen.form_action(choose) == ["'self'"]


def test_without_the_tick_nothing_is_recorded_or_begun(customer, url, company):
    response = customer.post(url, {"version": "1"})
    assert response.status_code == 422
    assert seen.errors(response) == ["Tick the box to give permission, or go back"]
    assert not Consent.objects.exists()
    assert not company.writes.exists()


def test_agreeing_makes_one_company_and_one_connection_and_leaves(
    customer, url, company, ticked, simulator
):
    response = customer.post(url, ticked)
    assert response.status_code == 303
    assert response["Location"].startswith(simulator.url)
    assert Consent.objects.get().text.startswith("Why we ask")
    assert [len(c["dataConnections"]) for c in simulator.companies_of(company.public_id)] == [1]


def test_agreeing_twice_doubles_nothing(customer, url, company, ticked, simulator):
    first = customer.post(url, ticked)
    second = customer.post(url, ticked)
    assert (first.status_code, second.status_code) == (303, 303)
    assert Consent.objects.count() == 1
    assert [len(c["dataConnections"]) for c in simulator.companies_of(company.public_id)] == [1]


def test_back_after_agreeing_shows_the_way_out_instead_of_asking_again(
    customer, url, company, ticked, simulator
):
    customer.post(url, ticked)
    response = customer.get(url)
    assert response["Location"] == f"/journey/{company.public_id}/leave/gbol/"


def test_words_that_changed_meanwhile_are_shown_and_asked_again(customer, url, ticked):
    parts = ("purpose", "access", "account_information", "platform_data", "retention")
    ConsentText.objects.create(version=7, **dict.fromkeys(parts, "New words."))
    response = customer.post(url, ticked)
    assert response.status_code == 422
    assert seen.errors(response) == ["The words have changed. Read them, then tick the box."]
    assert "New words." in seen.text(response)
    assert "checked" not in response.content.decode()
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Smith (Holdings) Ltd", "Smith Holdings Ltd"),
        ("Möwe & Niño Ltd", "Mowe & Nino Ltd"),
        ("Brook & Sons Ltd", None),
    ],
)
def test_a_name_that_our_partner_would_clean_is_said(client, xero, qbo, name, shown):
    company = factories.make_company(name)
    _session, client.cookies["journey"] = factories.make_session(company)
    page = client.get(reverse("journey:permission", args=[company.public_id, "gbol"]))
    words = "We show the name of your business to our partner as"
    if shown:
        assert f"{words} {shown} . Your own spelling stays with us." in seen.text(page)
    else:
        assert words not in seen.text(page)


def test_of_software_on_a_computer_somebody_else_does_the_steps(customer, company):
    factories.make_platform("sage50", "Sage 50", is_offline=True, set_up_by="key")
    page = customer.get(reverse("journey:permission", args=[company.public_id, "sage50"]))
    assert "Agree, and someone else does the steps" in seen.buttons(page)
    assert "signs in" not in seen.text(page)


def test_a_name_that_would_be_emptied_gets_a_placeholder_and_is_told(client, xero, qbo):
    company = factories.make_company("ブルック商店")
    _session, client.cookies["journey"] = factories.make_session(company)
    page = client.get(reverse("journey:permission", args=[company.public_id, "gbol"]))
    assert f"Customer {company.reference}" in seen.text(page)
    company.refresh_from_db()
    assert company.true_name == "ブルック商店"


def test_software_that_vanished_meanwhile_leads_back_to_choosing(customer, url, ticked):
    Platform.objects.filter(key="gbol").update(enabled=False)
    response = customer.post(url, ticked, follow=True)
    assert "That software is not on offer now." in seen.text(response)
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("fault", "heading"),
    [
        ("status:401", "We cannot connect new software today"),
        ("status:402", "We cannot connect new software today"),
        ("status:403", "We cannot connect new software today"),
        ("status:429", "Many people are connecting right now"),
    ],
)
def test_a_refusal_by_codat_is_a_page_of_ours_and_keeps_the_answers(press_during, fault, heading):
    response = press_during(fault)
    assert response.status_code == 503
    assert seen.heading(response) == heading
    assert "Your answers are saved" in seen.text(response)
    helps = "Try again" if "429" in fault else "E-mail me when it works"
    assert seen.primary_buttons(response) == [helps]
    assert "Codat" not in seen.text(response)
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("fault", ["status:500", "cut", "timeout", "processed_then_cut"])
def test_an_answer_that_was_lost_leads_to_the_page_that_waits(company, press_during, fault):
    response = press_during(fault)
    assert response["Location"] == f"/journey/{company.public_id}/preparing/gbol/"


@pytest.mark.usefixtures("simulator")
def test_with_codat_out_of_reach_the_answers_are_kept(customer, url, ticked, settings):
    settings.CODAT_BASE_URL = "http://127.0.0.1:9"
    codat_client.for_web.cache_clear()
    response = customer.post(url, ticked)
    assert seen.heading(response) == "We cannot open Xero right now"
    assert Company.objects.get().consents.count() == 1

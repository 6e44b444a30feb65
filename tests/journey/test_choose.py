import pytest
from django.urls import reverse

from onboarding.linking.models import Platform
from onboarding.linking.services import consents
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company):
    return reverse("journey:choose", args=[company.public_id])


def agree(company, platform):
    session, _key = factories.make_session(company)
    wording = consents.wording_for(platform=platform, language="en", firm_name="Northbank")
    consents.record(session=session, platform=platform, wording=wording, now=session.used_at)


def test_software_is_grouped_and_each_tile_is_a_form_with_a_full_name(
    customer, url, xero, qbo, shopify
):
    response = customer.get(url)
    assert seen.heading(response) == "What software do you use?"
    assert seen.title(response).startswith("Choose your software – Step 2 of 4")
    words = seen.text(response)
    assert words.index("Accounting software") < words.index("Xero") < words.index("Shopify")
    assert 'name="platform" value="gbol"' in response.content.decode()


def test_choosing_leads_to_permission(customer, url, company, xero, qbo):
    response = customer.post(url, {"platform": "gbol"})
    assert response.status_code == 303
    assert response["Location"] == f"/journey/{company.public_id}/permission/gbol/"


def test_what_is_begun_says_so_and_goes_on_without_asking_again(customer, url, company, xero, qbo):
    agree(company, xero)
    factories.make_connection(company)
    assert "Not finished" in seen.text(customer.get(url))
    response = customer.post(url, {"platform": "gbol"})
    assert response["Location"] == f"/journey/{company.public_id}/leave/gbol/"


def test_what_is_connected_is_a_link_to_the_connections(customer, url, company, xero, qbo):
    factories.make_connection(company, status="Linked")
    response = customer.get(url)
    assert "Connected" in seen.text(response)
    assert f'href="/journey/{company.public_id}/connections/"' in response.content.decode()
    assert 'value="gbol"' not in response.content.decode()


def test_progress_over_several_kinds_of_software_is_said_in_words(
    customer, url, company, xero, shopify
):
    factories.make_connection(company, status="Linked")
    assert "1 of 2 connected" in seen.text(customer.get(url))


def test_search_keeps_matching_names_and_says_how_many(customer, url, xero, qbo):
    response = customer.get(url, {"q": " books QUICK "})
    words = seen.text(response)
    assert "QuickBooks Online" in words
    assert "Xero" not in words
    assert "1 found for “books QUICK”" in words


def test_search_without_a_match_offers_a_way_on(customer, url, xero, qbo):
    response = customer.get(url, {"q": "<Abacus>"})
    assert "We did not find “<Abacus>”" in seen.text(response)
    assert "<Abacus>" not in response.content.decode()
    assert "Show all software" in seen.text(response)


def test_with_nothing_on_offer_the_page_says_so(customer, url):
    assert seen.heading(customer.get(url)) == "There is nothing to connect yet"


@pytest.mark.usefixtures("xero", "qbo")
@pytest.mark.parametrize("change", ["unknown", "disabled", "hidden", "vanished", "empty"])
def test_software_that_is_not_on_offer_leads_back_with_a_word(customer, url, now, change):
    changes = {
        "disabled": {"enabled": False},
        "hidden": {"shown": False},
        "vanished": {"gone_at": now},
    }
    if change in changes:
        Platform.objects.filter(key="gbol").update(**changes[change])
    key = {"unknown": "zzzz' OR 1=1", "empty": ""}.get(change, "gbol")
    response = customer.post(url, {"platform": key}, follow=True)
    assert response.status_code == 200
    assert "That software is not on offer now." in seen.text(response)


def test_other_accounting_software_is_refused_before_permission_is_asked(
    customer, url, company, xero, qbo
):
    factories.make_connection(company, status="Linked")
    response = customer.post(url, {"platform": "qhyg"}, follow=True)
    assert seen.heading(response) == "Xero is already connected"
    assert seen.primary_buttons(response) == ["Keep Xero"]

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import Category, CustomerSession, Platform
from onboarding.linking.on_offer import forget_offers
from onboarding.linking.platform_notes import starting_values
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


def test_software_is_grouped_and_each_tile_is_a_link_with_a_full_name(
    customer, url, xero, qbo, shopify
):
    response = customer.get(url)
    assert seen.heading(response) == "What software do you use?"
    assert seen.title(response).startswith("Choose your software – Step 2 of 4")
    words = seen.text(response)
    assert words.index("Accounting software") < words.index("Xero") < words.index("Shopify")
    assert f'href="{tile(url, "gbol")}"' in response.content.decode()


def test_what_needs_a_computer_or_a_large_screen_says_so_before_it_is_chosen(customer, url, xero):
    factories.make_platform("hbql", "Sage 50", is_offline=True)
    factories.make_platform("trji", "Dynamics", device_class="desktop")
    factories.make_platform("akxx", "Oracle NetSuite", device_class="large")
    words = seen.text(customer.get(url))
    for name in ("Sage 50", "Dynamics"):
        assert f"{name} Windows computer needed. About 15 minutes." in words
        assert seen.heading(customer.get(url.replace("software", f"computer/{KEYS[name]}"))) == (
            f"{name} works on a Windows computer"
        )
    assert "Oracle NetSuite Its sign-in is easier on a large screen." in words


KEYS = {"Sage 50": "hbql", "Dynamics": "trji"}


def test_the_softwares_own_button_stands_beside_its_full_name(customer, url, xero):
    factories.make_platform(
        "qhyg", "QuickBooks Online", button_hash="aa11", button_hover_hash="bb22"
    )
    page = customer.get(url).content.decode()
    for digest in ("aa11", "bb22"):
        assert f'<img src="/logos/qhyg-{digest}.png" alt=""' in page
    assert names_of_tiles(customer.get(url)) == ["QuickBooks Online", "Xero"]


def test_a_deployment_may_offer_one_kind_of_software_only(customer, url, xero, qbo, shopify):
    Category.objects.exclude(slug="accounting").update(offered=False)
    page = customer.get(url)
    assert names_of_tiles(page) == ["Xero", "QuickBooks Online"]
    assert "Sales and payments" not in seen.text(page)
    shop = customer.get(tile(url, "fztf"), follow=True)
    assert "That software is not on offer now." in seen.text(shop)


def test_what_is_needed_and_what_can_wait_is_said_per_kind(customer, url, xero, shopify):
    words = seen.text(customer.get(url))
    assert "Accounting software Needed for your application." in words
    assert "Sales and payments You can do this later." in words
    Category.objects.update(required=True, wording="")
    forget_offers()
    assert "You can do this later." not in seen.text(customer.get(url))


def test_of_a_kind_that_is_connected_nothing_is_said_to_be_needed(customer, url, company, xero):
    factories.make_identity(
        factories.make_connection(company, status="Linked"), confirmed_at=timezone.now()
    )
    factories.restage(company)
    words = seen.text(customer.get(url))
    assert "Xero" in words
    assert "Needed for your application." not in words


def test_what_many_have_connected_comes_first_among_equals(customer, url, xero, qbo):
    Platform.objects.update(order=100, connected=1)
    wave = factories.make_platform("pbtz", "Wave", connected=7, order=100)
    assert names_of_tiles(customer.get(url)) == ["Wave", "QuickBooks Online", "Xero"]
    Platform.objects.filter(pk=wave.pk).update(order=200)
    forget_offers()
    assert names_of_tiles(customer.get(url))[-1] == "Wave", "staff's own order counts more"


def names_of_tiles(page):
    return re.findall(r'class="tile-name">([^<]+)', page.content.decode())


def tile(url, key):
    return url.replace("/software/", f"/permission/{key}/")


def test_choosing_leads_to_permission(customer, url, xero, qbo):
    page = customer.get(tile(url, "gbol"))
    assert seen.heading(page) == "Let Northbank read from Xero"
    assert customer.post(url, {"platform": "gbol"}).status_code == 405


def test_what_is_begun_says_so_and_goes_on_without_asking_again(customer, url, company, xero, qbo):
    agree(company, xero)
    factories.make_connection(company)
    assert "Xero Continue" in seen.text(customer.get(url))
    response = customer.get(tile(url, "gbol"))
    assert response["Location"] == f"/journey/{company.public_id}/leave/gbol/"


def test_what_is_connected_is_a_link_to_the_connections(customer, url, company, xero, qbo):
    factories.make_connection(company, status="Linked")
    response = customer.get(url)
    assert "Connected" in seen.text(response)
    assert f'href="/journey/{company.public_id}/connections/"' in response.content.decode()
    assert tile(url, "gbol") not in response.content.decode()


def test_progress_over_several_kinds_of_software_is_said_in_words(
    customer, url, company, xero, shopify
):
    assert "0 of 2" not in seen.text(customer.get(url))
    factories.make_connection(company, status="Linked")
    assert "1 of 2 kinds of software connected" in seen.text(customer.get(url))


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
    page = customer.get(url)
    assert seen.heading(page) == "There is nothing to connect yet"
    assert "Contact Northbank" in seen.buttons(page)


@pytest.mark.usefixtures("xero", "qbo")
@pytest.mark.parametrize("change", ["unknown", "disabled", "hidden", "vanished"])
def test_software_that_is_not_on_offer_leads_back_with_a_word(customer, url, now, change):
    changes = {
        "disabled": {"enabled": False},
        "hidden": {"shown": False},
        "vanished": {"gone_at": now},
    }
    if change in changes:
        Platform.objects.filter(key="gbol").update(**changes[change])
    key = "zzzz" if change == "unknown" else "gbol"
    response = customer.get(tile(url, key), follow=True)
    assert response.status_code == 200
    assert "That software is not on offer now." in seen.text(response)
    assert ("Xero" in names_of_tiles(response)) == (change == "unknown")


def test_other_accounting_software_is_refused_before_permission_is_asked(
    customer, url, company, xero, qbo
):
    factories.make_connection(company, status="Linked")
    response = customer.get(tile(url, "qhyg"))
    assert seen.heading(response) == "Xero is already connected"
    assert seen.primary_buttons(response) == ["Keep Xero"]


def test_what_is_typed_is_searched_in_place_and_the_count_is_spoken(customer, url, xero, qbo):
    htmx = {"HX-Request": "true", "HX-Target": "choose_results"}
    part = customer.get(url, {"q": "quick"}, headers=htmx).content.decode()
    assert part.lstrip().startswith('<div class="section stack" id="choose_results"')
    assert 'data-say="1 found for “quick”"' in part
    assert "Xero" not in part
    assert "<h1" not in part
    assert 'data-say="All software is shown"' in customer.get(url, headers=htmx).content.decode()


def test_what_is_needed_is_not_skipped_but_can_be_left(customer, url, xero, shopify):
    page = customer.get(url)
    assert "Skip for now" not in seen.buttons(page)
    assert "Leave for now" in seen.buttons(page)


def test_what_is_not_needed_can_be_skipped(customer, url, company, xero, shopify):
    factories.make_identity(
        factories.make_connection(company, status="Linked"), confirmed_at=timezone.now()
    )
    factories.restage(company)
    page = customer.get(url)
    assert "Skip for now" in seen.buttons(page)
    assert f'href="/journey/{company.public_id}/progress/"' in page.content.decode()


def test_where_nothing_is_needed_skipping_leads_to_the_connections(
    customer, url, company, xero, shopify
):
    Category.objects.update(required=False)
    factories.make_connection(company, "fztf", "Unlinked", source_type="Commerce")
    assert "Skip for now" not in seen.buttons(customer.get(url))
    factories.make_connection(company, status="Linked")
    page = customer.get(url)
    assert f'href="/journey/{company.public_id}/connections/">Skip' in page.content.decode()


def test_back_leads_to_what_lies_behind_the_page(client, customer, url, company, xero):
    assert seen.back(customer.get(url)) is None
    begun_here = CustomerSession.Channel.SELF_SERVICE
    _session, client.cookies["journey"] = factories.make_session(company, channel=begun_here)
    assert seen.back(client.get(url)) == "/"
    factories.make_connection(company, status="Linked")
    assert seen.back(client.get(url)) == reverse("journey:connections", args=[company.public_id])


def test_codats_test_software_is_offered_only_where_staff_allow_it(customer, url, xero):
    values = starting_values("mqjo", "QuickBooks Online Sandbox")
    sandbox = factories.make_platform("mqjo", "QuickBooks Online Sandbox", **values)
    assert "Sandbox" not in seen.text(customer.get(url))

    sandbox.shown = True
    sandbox.save(update_fields=["shown"])
    forget_offers()
    assert "Sandbox" in seen.text(customer.get(url))

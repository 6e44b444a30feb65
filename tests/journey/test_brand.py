import re

import pytest
from django.db import IntegrityError, transaction

from onboarding.linking import context_processors
from onboarding.linking.models import Branding, SiteText
from onboarding.ui.brand_colours import brand_stylesheet
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def navy():
    return Branding.objects.create(name="Northbank", colour="#14285F", colour_dark="#FFD400")


@pytest.fixture
def pictured():
    return Branding.objects.create(
        name="Northbank",
        logo=b"\x89PNG logo",
        logo_hash="0af1",
        logo_width=120,
        logo_height=96,
        favicon=b"\x89PNG icon",
        favicon_hash="0bf2",
    )


def sheets(page):
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.content.decode())


def icon(page):
    return re.search(r'<link rel="icon" href="([^"]+)"', page.content.decode())[1]


def test_pages_carry_the_firms_colours_from_our_own_origin_for_a_year(client, xero, qbo, navy):
    address = sheets(client.get("/"))[-1]
    assert re.fullmatch(r"/brand/[0-9a-f]{16}\.css", address)
    response = client.get(address)
    assert response.content.decode() == brand_stylesheet("#14285F", "#FFD400")
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not response.cookies


def test_another_colour_has_another_address_and_the_old_one_is_not_found(client, xero, qbo, navy):
    old = sheets(client.get("/"))[-1]
    Branding.objects.update(colour="#F9D5E5")
    new = sheets(client.get("/"))[-1]
    assert new != old
    assert client.get(new).status_code == 200
    assert client.get(old).status_code == 404


@pytest.mark.parametrize("address", ["/brand/ffff.css", "/brand/ffff.png", "/brand/.css"])
@pytest.mark.parametrize("saved", [True, False])
def test_any_other_hash_is_not_found(client, address, saved):
    if saved:
        Branding.objects.create(name="Northbank")
    assert client.get(address).status_code == 404


def test_without_branding_pages_are_as_the_settings_say(client, xero, qbo):
    page = client.get("/")
    assert not [sheet for sheet in sheets(page) if "brand" in sheet]
    assert icon(page).endswith("icon.svg")
    assert "<img" not in page.content.decode()
    assert "so that you need not send us papers. You sign in to your software once" in seen.text(
        page
    )
    assert seen.heading(page) == "Connect your business to Northbank"


def test_a_colour_that_came_around_the_form_breaks_no_page(client, xero, qbo):
    Branding.objects.create(name="Northbank", colour="red;}", colour_dark="x")
    page = client.get("/")
    assert page.status_code == 200
    assert not [sheet for sheet in sheets(page) if "brand" in sheet]


def test_logo_and_icon_are_ours_and_the_logos_name_is_said(client, xero, qbo, pictured):
    page = client.get("/")
    logo = '<img src="/brand/0af1.png" alt="Northbank" width="120" height="96">'
    assert logo in page.content.decode()
    assert icon(page) == "/brand/0bf2.png"
    for address, content in (("/brand/0af1.png", b"\x89PNG logo"), (icon(page), b"\x89PNG icon")):
        response = client.get(address)
        assert (response.content, response["Content-Type"]) == (content, "image/png")
        assert "max-age=31536000" in response["Cache-Control"]


@pytest.mark.parametrize("address", ["/brand/0af1.png", "/brand/0af1.css"])
def test_the_look_is_only_read(client, pictured, address):
    assert client.post(address).status_code == 405


def test_there_is_room_for_one_row_only(navy):
    with pytest.raises(IntegrityError), transaction.atomic():
        Branding.objects.create(name="Second")
    with pytest.raises(IntegrityError), transaction.atomic():
        Branding.objects.create(pk=2, name="Second")


def test_the_firms_words_stand_on_the_start_page_as_text(client, xero, qbo, navy):
    SiteText.objects.create(
        key="start.gain", language="en", text="A decision from {firm} in <b>one</b> day."
    )
    page = client.get("/")
    assert (
        '<p class="lead">A decision from <bdi>Northbank</bdi> in &lt;b&gt;one&lt;/b&gt; day.</p>'
        in page.content.decode()
    )
    assert "send us papers" not in seen.text(page)


def test_whom_the_firm_serves_stands_on_the_start_page_in_its_own_words_or_not_at_all(
    client, xero, qbo, navy
):
    assert "<strong>" not in client.get("/").content.decode()
    SiteText.objects.create(key="start.proof", language="en", text="{firm} serves 120 <cafes>.")
    proof = "<p><strong><bdi>Northbank</bdi> serves 120 &lt;cafes&gt;.</strong></p>"
    before, _form, _after = client.get("/").content.decode().partition("<form")
    assert before.index('class="lead"') < before.index(proof)


def test_the_firms_message_stands_in_the_panel_of_every_page(customer, company, xero, qbo):
    SiteText.objects.create(key="panel.message", language="en", text="Hello.\n\nFrom all of us.")
    page = customer.get(f"/journey/{company.public_id}/software/")
    assert "<p>Hello.</p>" in page.content.decode()
    assert "<p>From all of us.</p>" in page.content.decode()


@pytest.fixture
def ready(company):
    connection = factories.make_connection(company, status="Linked", stage="ready")
    type(company).objects.filter(pk=company.pk).update(stage="ready")
    return connection


def test_what_happens_next_names_the_business_and_its_software(customer, company, ready):
    SiteText.objects.create(
        key="done.next", language="en", text="{firm} reads {software} and calls {business}."
    )
    page = seen.text(customer.get(f"/journey/{company.public_id}/done/"))
    assert f"Northbank reads Xero and calls {company.true_name} ." in page


def test_by_itself_the_last_page_says_what_the_firm_does(customer, company, ready):
    page = seen.text(customer.get(f"/journey/{company.public_id}/done/"))
    assert "Northbank looks at your information and contacts you." in page


def test_while_it_is_kept_the_firm_costs_nothing(navy, settings, django_assert_num_queries):
    settings.FIRM_CACHE_SECONDS = 60
    context_processors.forget_firm()
    try:
        assert context_processors.current_firm().message == ""
        with django_assert_num_queries(0):
            assert context_processors.current_firm().name == "Northbank"
            assert context_processors.current_firm().text("start.gain")
    finally:
        context_processors.forget_firm()


def test_a_page_asks_for_the_firm_once_and_for_its_words_once(navy, django_assert_num_queries):
    with django_assert_num_queries(1):
        firm = context_processors.current_firm()
    with django_assert_num_queries(1):
        for key in ("start.gain", "start.do", "start.use"):
            firm.text(key)

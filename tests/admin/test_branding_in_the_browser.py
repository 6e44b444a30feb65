"""The look in a real browser, under the real Content-Security-Policy."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from onboarding.linking.models import Branding
from tests.linking.test_pictures import drawn
from tests.requirements import CHROMIUM_SWITCHES, find_chromium

from .conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
SET = "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')) }"


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": find_chromium(), "args": CHROMIUM_SWITCHES}


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def open_page(live_server, new_context, charlie, complaints):
    """Opens an address as Charlie; what the browser says against it is in `complaints`."""

    def opened(address, **options):
        context = new_context(base_url=live_server.url, **options)
        key = signed_in(charlie).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
        context.on("console", lambda said: complaints.append(said.text))
        page = context.new_page()
        page.goto(address)
        return page

    return opened


def test_staff_pick_a_colour_look_at_it_and_save_it_for_customers(open_page, complaints, tmp_path):
    Branding.objects.create(name="Northbank")
    logo = tmp_path / "logo.png"
    logo.write_bytes(drawn((600, 200)))
    page = open_page("/admin/linking/branding/1/change/")
    written, picker = page.get_by_label("Colour:"), page.locator("[name=colour_picker]")
    written.fill("#00796B")
    expect(picker).to_have_value("#00796b")
    picker.evaluate(SET, "#14285f")
    expect(written).to_have_value("#14285f")
    page.get_by_label("New logo").set_input_files(logo)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview this look in a new tab").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Preview of the look")
    drawn_anew = opened.value.locator(".sample img[src^='data:']").first
    assert drawn_anew.evaluate("image => image.decode().then(() => image.naturalHeight > 0)")
    assert (Branding.objects.get().colour, Branding.objects.get().logo) == ("", None)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto("/")
    button = page.get_by_role("button", name="Connect accounting software")
    expect(button).to_have_css("background-color", "rgb(20, 40, 95)")
    shown = page.get_by_role("img", name="Northbank").first
    assert shown.evaluate("image => image.complete && image.naturalHeight > 0")
    assert complaints == []


def test_the_firms_own_name_number_and_words_stand_on_the_start_and_nobody_else_is_asked(open_page):
    Branding.objects.create(name="Northbank")
    page = open_page("/admin/linking/branding/1/change/")
    page.locator("[name=name]").fill("Southbank")
    page.locator("[name=support_phone]").fill("020 7946 0007")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto("/admin/linking/sitetext/add/")
    page.locator("[name=key]").select_option("start.gain")
    page.locator("[name=text]").fill("A decision from {firm} in one day.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    asked = []
    page.context.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    page.goto("/")
    expect(page.get_by_text("A decision from Southbank in one day.")).to_be_visible()
    expect(page.get_by_role("link", name="Call 020 7946 0007")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert set(asked) == {urlsplit(page.url).netloc}
    said = page.locator("html").inner_html()
    assert "Northbank" not in said
    assert "Codat" not in said


def test_the_preview_shows_both_themes_whatever_theme_the_reader_has(open_page, complaints):
    for scheme in ("light", "dark"):
        page = open_page("/admin/linking/branding/preview/?colour=%23F9D5E5", color_scheme=scheme)
        for theme, ground in (("light", "rgb(246, 247, 249)"), ("dark", "rgb(16, 21, 28)")):
            samples = page.locator(f".sample[data-theme={theme}]")
            assert samples.count() == 2
            expect(samples.first).to_have_css("background-color", ground)
            expect(samples.first.locator("[data-kind=primary]")).to_have_css(
                "background-color", "rgb(249, 213, 229)"
            )
    assert complaints == []


def test_without_script_a_picked_colour_counts_too(open_page):
    Branding.objects.create(name="Northbank", colour="#ffd400")
    page = open_page("/admin/linking/branding/1/change/", java_script_enabled=False)
    picker = page.locator("[name=colour_picker]")
    expect(picker).to_have_value("#ffd400")
    picker.fill("#14285f")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/branding/$"))
    assert Branding.objects.get().colour == "#14285f"

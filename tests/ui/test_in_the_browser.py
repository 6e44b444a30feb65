"""What script adds: focus, one announcement, the copy button. And that nothing depends on it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.fixture
def page(chromium, address):
    context = chromium.new_context(base_url=address)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page = context.new_page()
    page.refusals = []
    page.on("console", lambda line: line.type == "error" and page.refusals.append(line.text))
    page.on("pageerror", lambda error: page.refusals.append(str(error)))
    yield page
    context.close()


def test_progress_is_told_once_and_polling_stops_when_all_is_read(page):
    asked = []
    page.on("request", lambda request: "looks=" in request.url and asked.append(request.url))
    page.goto("/")
    page.evaluate(
        """() => {
            window.spoken = [];
            const region = document.getElementById("progress-summary");
            new MutationObserver(() => spoken.push(region.textContent))
                .observe(region, {childList: true, characterData: true, subtree: true});
        }"""
    )
    expect(page.locator("#progress_status .tag")).to_have_text("Done", timeout=10_000)
    expect(page.locator("#progress-summary")).to_have_text("1 of 1 finished")
    assert page.evaluate("spoken") == ["1 of 1 finished"]
    assert page.locator("#progress_status").get_attribute("hx-trigger") is None
    assert len(asked) == 2
    assert page.refusals == []


def test_copying_puts_the_reference_on_the_clipboard_and_says_so(page):
    page.goto("/")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#live")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "NB-4F7K-22"


def test_without_script_one_press_selects_the_whole_of_what_is_to_be_copied(chromium, address):
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.locator(".copy code").first.click()
    assert page.evaluate("String(getSelection())") == "NB-4F7K-22"
    context.close()


def test_a_refused_form_is_swapped_in_and_its_summary_takes_the_focus(page):
    page.goto("/form")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_role("link", name="Enter the name of your business").click()
    expect(page.get_by_label("Name")).to_be_focused()


def test_a_heading_that_takes_the_place_of_another_takes_the_focus(page):
    page.goto("/question")
    expect(page.get_by_role("heading", name="Reading your business name")).to_be_focused()
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_role("heading", name="Is this your business?")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes, this is us")).to_be_focused()


def test_a_page_to_keep_has_a_button_that_prints_it(page):
    page.goto("/receipt")
    page.evaluate("window.print = () => (document.title = 'printed')")
    page.get_by_role("button", name="Print or save").click()
    expect(page).to_have_title("printed")
    expect(page.get_by_text("Use the menu.")).to_have_count(0)
    assert page.refusals == []


def test_an_answer_of_trouble_changes_nothing_and_says_try_again(page):
    page.goto("/form")
    page.get_by_label("Name").fill("Brook")
    page.locator("#broken").click()
    expect(page.locator("#live")).to_be_visible()
    expect(page.locator("#live")).to_have_text("That did not work. Try again.")
    expect(page.get_by_label("Name")).to_have_value("Brook")


def test_the_same_form_works_without_script_and_focuses_its_summary(chromium, address):
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/form")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page).to_have_title("Error: Name – Northbank")
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_firms_panel_is_folded_on_a_phone_and_open_beside_the_question_when_wide(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")
    message = page.get_by_text("A decision in one day.")
    if width < 1000:
        expect(message).to_be_hidden()
        page.get_by_text("About Northbank").click()
    expect(message).to_be_visible()
    heading = page.get_by_role("heading", level=1).bounding_box()
    beside = message.bounding_box()["x"] + 50 < heading["x"]
    assert beside == (width >= 1000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


STYLE = """selector => {
  const {transitionDuration, borderTopStyle, borderTopWidth, outlineStyle} =
    getComputedStyle(document.querySelector(selector));
  return {transitionDuration, borderTopStyle, borderTopWidth, outlineStyle};
}"""


def style(page, selector):
    return page.evaluate(STYLE, selector)


@pytest.mark.parametrize(("wish", "moves"), [("reduce", False), ("no-preference", True)])
def test_who_asked_for_stillness_sees_nothing_move(page, wish, moves):
    page.emulate_media(reduced_motion=wish)
    page.goto("/components")
    for selector in ("a", ".button", ".tile"):
        times = style(page, selector)["transitionDuration"].split(", ")
        assert any(float(each.removesuffix("s")) for each in times) == moves


def test_in_forced_colours_states_buttons_and_fields_keep_their_borders_and_icons(page):
    page.emulate_media(forced_colors="active")
    page.goto("/components")
    for selector in (".tag", ".button[data-kind=primary]", ".tile-item", "input", ".notice"):
        found = style(page, selector)
        assert (selector, found["borderTopStyle"]) == (selector, "solid")
        assert float(found["borderTopWidth"].removesuffix("px")) >= 1
    tag = page.locator(".tag").first
    colours = tag.evaluate(
        "tag => [getComputedStyle(tag).color, getComputedStyle(tag.querySelector('svg')).stroke,"
        " getComputedStyle(document.body).backgroundColor]"
    )
    assert colours[0] == colours[1] != colours[2]
    page.keyboard.press("Tab")
    assert style(page, ":focus")["outlineStyle"] == "solid"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_amiss_in_any_component(page, theme, width):
    page.set_default_timeout(30_000)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/components")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_no_component_scrolls_sideways_on_the_smallest_phone(page, direction):
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto("/components")
    page.evaluate("direction => document.documentElement.dir = direction", direction)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

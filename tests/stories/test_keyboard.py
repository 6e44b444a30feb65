"""The journey and the desk without a mouse: in reading order, the ring always seen."""

import re

import pytest
from playwright.sync_api import expect

from onboarding.demo.logins import PASSWORD
from tests.simulated import eventually

from .keyboard import Keyboard
from .manager import EMAIL


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_an_owner_connects_with_the_keyboard_alone(make_customer, phone):
    owner = make_customer(phone=phone)
    keys = Keyboard(owner.page)
    owner.page.goto("/")
    keys.skips_to_the_content()
    keys.uses("Connect accounting software")

    keys.stands_on(owner.page.locator("#error-summary"))
    keys.uses("Enter the name of your business")
    keys.stands_on(owner.page.get_by_label("Name of your business"))
    keys.types(owner.business)
    keys.goes_to("Your e-mail address")
    keys.types(owner.email)
    keys.uses("Connect accounting software")
    owner.sees(f"We sent a link to {owner.email}")
    owner.opens_mailed_link("your link to carry on")
    keys.uses("Continue")

    keys.stands_on(owner.heading("What software do you use?"))
    keys.uses("Xero")
    keys.stands_on(owner.heading("Let Northbank read from Xero"))
    keys.uses("Agree and go to Xero")
    keys.stands_on(owner.page.locator("#error-summary"))
    keys.uses("Tick the box to give permission, or go back")
    keys.presses("Space")
    keys.uses("Agree and go to Xero")
    owner.is_at_the_software()
    keys.finds_the_answer_to("Allow access")
    keys.stands_on(owner.heading("Is this your business?"))
    keys.uses("Yes, this is us")
    keys.stands_on(owner.heading("You are connected"))
    keys.uses("Your connections")
    keys.stands_on(owner.heading("Your connections"))


def test_a_wrong_turn_is_mended_and_the_end_is_made_with_the_keyboard_alone(make_customer):
    """Cancelled, then another business, then the right one, then disconnected."""
    owner = make_customer()
    owner.goes_to_the_software()
    keys = Keyboard(owner.page)

    def goes_again():
        keys.uses("Try Xero again")
        owner.sees("You are going to Xero")
        keys.uses("Go to Xero")
        owner.is_at_the_software()

    keys.finds_the_answer_to("Cancel")
    owner.sees("Xero is not connected yet")
    goes_again()
    owner.page.get_by_label("Organisation").select_option(label="Harbour Cafe Ltd")
    keys.finds_the_answer_to("Allow access")
    owner.sees("Is this your business?")
    keys.goes_to(re.compile("^Yes"))
    keys.presses("ArrowDown")
    expect(owner.page.get_by_label("No, connect another business")).to_be_checked()
    keys.uses("Continue")
    owner.sees("We have disconnected Harbour Cafe Ltd")
    goes_again()
    keys.finds_the_answer_to("Allow access")
    owner.sees("Is this your business?")
    keys.uses("Yes, this is us")
    owner.sees("You are connected")
    keys.uses("Your connections")
    owner.sees("Your connections")
    keys.uses("Disconnect – Xero")
    owner.sees("Disconnect Xero?")
    keys.uses("Disconnect Xero")
    owner.sees("Xero is disconnected")


def test_questions_unfold_and_fold_again_with_the_keyboard(make_customer):
    owner = make_customer(phone=True)
    keys = Keyboard(owner.page)
    owner.page.goto("/")
    for question, answer in {
        "Is it safe?": "we never see your password.",
        "About Northbank": "You can stop at any time.",
    }.items():
        answered = owner.page.get_by_text(answer).first
        keys.uses(question)
        expect(answered).to_be_visible()
        keys.presses("Space")
        expect(answered).to_be_hidden()


def test_who_stands_on_check_again_stays_there_while_the_page_looks_by_itself(make_customer, stack):
    owner = make_customer()
    stack.simulator.settings(dataset_seconds=[600, 600])
    owner.goes_to_the_software()
    owner.answers_at_the_software("Allow access")
    owner.sees("Reading your business name from Xero")
    keys = Keyboard(owner.page)
    keys.goes_to("Check again")
    with owner.page.expect_response(lambda answer: "looks=" in answer.url):
        pass
    with owner.page.expect_response(lambda answer: "looks=" in answer.url):
        pass
    expect(owner.link("Check again")).to_be_focused()
    stack.simulator.has_read(owner.at_codat["id"], "company")
    owner.sees("Is this your business?")


def test_an_account_manager_works_the_worklist_with_the_keyboard_alone(
    stack, make_customer, new_context
):
    owner = make_customer()
    owner.goes_all_the_way()
    stack.inside.ask("give_to", name=owner.business, manager=EMAIL)
    stack.simulator.act(owner.at_codat["connection"]["id"], "deauthorize")
    eventually(lambda: owner.company["stage"] == "lost", what="news of the end")
    stack.inside.ask("age_links", name=owner.business, seconds=61)
    page = new_context(base_url=stack.url).new_page()
    keys = Keyboard(page)
    page.goto("/desk/")
    keys.presses("Enter")
    keys.stands_on(page.locator("#error-summary"))
    keys.uses("Enter your e-mail address")
    keys.types(EMAIL)
    keys.goes_to("Password")
    keys.types(PASSWORD)
    keys.presses("Enter")
    expect(page.get_by_role("navigation", name="Desk")).to_be_visible()

    menu = page.locator("details.menu").first
    keys.uses("Mia Manager")
    unfolded = menu.get_by_role("link", name="Change password")
    expect(unfolded).to_be_visible()
    keys.goes_to("Change password")
    keys.presses("Escape")
    expect(unfolded).to_be_hidden()
    keys.stands_on(menu.locator("summary"))

    keys.presses("Enter")
    keys.goes_to(owner.business)
    expect(unfolded).to_be_hidden()
    keys.uses(f"Send reconnect link – {owner.business}")
    expect(page.get_by_role("status").filter(has_text="Sent to")).to_be_visible()

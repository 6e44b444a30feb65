"""Somebody else finished the sign-in, in a browser of their own."""

import re

from playwright.sync_api import expect

from tests.simulated import eventually

from .manager import EMAIL, Manager


def test_only_a_link_to_the_address_on_file_shows_whose_it_is(stack, make_customer, new_context):
    owner, somebody = make_customer(script=False, phone=True), make_customer()
    owner.goes_to_the_software()
    somebody.page.goto(owner.page.url)
    somebody.answers_at_the_software("Allow access", organisation="Harbour Cafe Ltd")
    somebody.sees("Thank you, you can close this page")
    expect(somebody.page.get_by_text(owner.business)).to_have_count(0)
    somebody.link("Get a link to your connections").click()
    somebody.sees(re.compile("^What is your e.mail address"))

    owner.page.goto(f"/journey/{owner.company['uid']}/progress/")
    owner.sees("Xero was connected outside this browser")
    expect(owner.page.get_by_text("Harbour Cafe")).to_have_count(0)
    eventually(lambda: "linked_elsewhere" in owner.company["problems"], what="word to the desk")

    stack.inside.ask("give_to", name=owner.business, manager=EMAIL)
    manager = Manager(new_context(base_url=stack.url).new_page())
    manager.signs_in()
    manager.page.goto("/desk/")
    row = manager.page.get_by_role("row").filter(has_text=owner.business)
    expect(row.get_by_text("It says")).to_be_visible()
    row.get_by_role("button", name="Confirm with customer").click()
    manager.reads(f"Sent to {owner.email}")

    owner.opens_mailed_link("Is this your business")
    owner.button("Continue").click()
    owner.sees("Is this your business?")
    owner.page.get_by_label("No, connect another business").check()
    owner.button("Continue").click()
    eventually(lambda: owner.at_codat["connection"]["status"] == "Unlinked", what="the unlinking")

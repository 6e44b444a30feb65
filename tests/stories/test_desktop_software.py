"""Software on the customer's own computer: begun on a phone, set up there, read when it is on."""

import re
from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.simulated import eventually


def picks(customer, software):
    tile = customer.page.get_by_role("link", name=re.compile(f"^{re.escape(software)}"))
    expect(tile).to_have_accessible_description(re.compile("Windows computer needed"))
    tile.click()
    customer.sees(f"{software} works on a Windows computer")


def agrees_at_the_computer(customer, software):
    customer.sees(f"Let Northbank read from {software}")
    customer.ticks_the_box()
    customer.button("Agree and see the steps").click()
    customer.sees(f"Set up on the computer with {software}")


def sets_up(customer, button, *, stays_on):
    """In the page that the button opens beside the steps, as on the computer itself."""
    with customer.page.context.expect_page() as opened:
        customer.button(button).click()
    setup = opened.value
    setup.get_by_label("The computer stays switched on").set_checked(stays_on)
    setup.get_by_role("button", name="Allow access").click()
    customer.link("I have finished these steps").click()


def test_what_was_begun_on_a_phone_is_set_up_on_the_computer(stack, make_customer):
    software = "Sage 50 (UK)"
    owner = make_customer(script=False, phone=True)
    owner.starts()
    picks(owner, software)
    owner.button("Send this to that computer").click()
    owner.sees(f"Waiting for {software}")

    there = make_customer()
    there.business, there.email = owner.business, owner.email
    there.opens_mailed_link("Steps to set up Sage 50")
    there.button("Continue").click()
    agrees_at_the_computer(there, software)
    assert there.page.locator("code").inner_text() == there.at_codat["id"]
    there.button("Copy").click()
    expect(there.page.get_by_text("Copied", exact=True)).to_be_visible()
    sets_up(there, "Download the connector", stays_on=False)
    there.sees(f"We are waiting for the computer with {software}")
    eventually(
        lambda: [m for m in stack.mails_to(owner.email) if "is connected to" in m.subject],
        what="the mail that it is connected",
    )

    stack.simulator.act(there.at_codat["connection"]["id"], "machine_on")
    there.sees("Is this your business?")
    there.says_yes()
    stack.inside.ask("leave_alone", name=owner.business)
    owner.sees(f"{software} is connected")
    expect(owner.button("E-mail me a link to carry on")).to_be_visible()
    assert there.company["stage"] == "ready"


def test_quickbooks_desktop_by_day_is_read_at_night(stack, make_customer):
    software, hour = "QuickBooks Desktop", datetime.now(UTC).hour
    night = [(hour + 6) % 24, (hour + 7) % 24]
    stack.simulator.settings(night_hours=night)
    stack.inside.ask("set_read_hours", name=software, opens=night[0], closes=night[1])
    owner = make_customer()
    owner.starts()
    picks(owner, software)
    owner.link("I am at that computer").click()
    agrees_at_the_computer(owner, software)
    sets_up(owner, "Go to setup", stays_on=True)
    owner.sees(f"{software} is read at night")

    stack.simulator.has_read(owner.at_codat["id"], "*")  # the night has come
    owner.page.reload()
    owner.sees("Is this your business?")
    owner.says_yes()

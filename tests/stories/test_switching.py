"""The business moves to other accounting software: one act, and one of the two is read."""

import pytest
from playwright.sync_api import expect

NEW = "QuickBooks Online"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_one_act_closes_the_old_and_opens_the_new(stack, make_customer, script):
    owner = make_customer(script=script, phone=not script)
    owner.goes_all_the_way()
    before = owner.at_codat

    owner.link("Add another").click()
    owner.sees("What software do you use?")
    owner.link(NEW).click()
    owner.sees("Xero is already connected")
    expect(owner.link("Keep Xero")).to_be_visible()
    owner.link(f"Switch to {NEW}").click()
    owner.sees(f"Let Northbank read from {NEW}")
    expect(owner.page.get_by_text("When you agree, we disconnect Xero")).to_be_visible()
    owner.ticks_the_box()
    owner.button(f"Agree and go to {NEW}").click()
    owner.is_brought_to_the_software(NEW)
    owner.allows_access()
    owner.says_yes()

    (after,) = stack.simulator.companies_of(owner.company["uid"])
    statuses = {each["platformName"]: each["status"] for each in after["dataConnections"]}
    assert (after["id"], statuses) == (before["id"], {"Xero": "Unlinked", NEW: "Linked"})
    subjects = [mail.subject for mail in stack.mails_to(owner.email)]
    assert not [subject for subject in subjects if "Reconnect" in subject]
    owner.page.goto(f"/journey/{owner.company['uid']}/connections/")
    expect(owner.link("Reconnect Xero")).to_be_visible()

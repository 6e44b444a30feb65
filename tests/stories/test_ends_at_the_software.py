"""What does not end well at the software has a page of its own, and a way to try again."""

import pytest
from playwright.sync_api import expect

ENDINGS = [
    ("Cancel", "Xero is not connected yet", "Nothing was shared."),
    ("Fail", "Xero could not connect", "It is not something you did."),
    (
        *("Not supported", "We cannot connect this kind of Xero yet"),
        "Some versions cannot be connected.",
    ),
]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_every_return_has_its_page_and_leads_on(make_customer, script):
    """One person meets them all: none at all, cancelled, failed, not supported, and twice."""
    owner = make_customer(script=script, phone=True)
    owner.goes_to_the_software()
    # The software's page stays open, and ours is opened again.
    left_open = owner.page.url
    owner.page.goto(f"/journey/{owner.company['uid']}/progress/")
    owner.sees("Did you finish at Xero?")
    owner.goes_there_again("Go to Xero again")
    for button, heading, sentence in ENDINGS:
        owner.answers_at_the_software(button)
        owner.sees(heading)
        expect(owner.heading(heading)).to_be_focused()
        expect(owner.page.get_by_text(sentence)).to_be_visible()
        expect(owner.page.get_by_text("Reference", exact=True)).to_be_visible()
        owner.goes_there_again("Try Xero again")
    owner.answers_at_the_software("Cancel")
    owner.link("Choose different software").click()
    owner.page.get_by_role("link", name="Xero Continue").click()
    owner.sees("You are going to Xero")
    owner.presses_go()

    owner.allows_access()
    owner.says_yes()

    owner.page.goto(left_open)
    owner.answers_at_the_software("Allow access")
    owner.sees("You are connected")
    assert owner.at_codat["connection"]["status"] == "Linked"
    assert owner.company["problems"] == []

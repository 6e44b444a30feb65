"""Two customers whose software says the same registration number."""

import re

from playwright.sync_api import expect

from tests.simulated import eventually

from .manager import SENIOR, Manager


def test_the_newer_one_waits_for_staff_and_carries_on(stack, make_customer, new_context):
    known = make_customer()
    known.goes_all_the_way()
    (there,) = stack.simulator.companies_of(known.company["uid"])
    number = there["dataConnections"][0]["granted"]["registration_number"]

    owner = make_customer(script=False, phone=True)
    owner.goes_to_the_software()
    same = [{"name": owner.business, "registration_number": number}]
    path = f"/companies/{owner.at_codat['id']}/organisations"
    stack.simulator.control("POST", path, {"organisations": same})
    owner.page.reload()
    owner.answers_at_the_software("Allow access", organisation=owner.business)
    owner.sees("Is this your business?")
    owner.button("Yes, this is us").click()
    owner.sees("We need to check one thing first")
    expect(owner.link("Contact Northbank")).to_be_visible()
    expect(owner.page.get_by_text(known.business)).to_have_count(0)
    assert (owner.company["stage"], owner.company["problems"]) == (
        "confirming",
        ["possible_duplicate"],
    )

    senior = Manager(new_context(base_url=stack.url).new_page())
    senior.signs_in(SENIOR)
    senior.page.goto("/desk/")
    row = senior.page.get_by_role("row").filter(has_text=owner.business)
    expect(row.get_by_text(f"Same number as \u2068{known.business}\u2069.")).to_be_visible()
    row.get_by_role("link", name="Compare").click()
    for business in (owner.business, known.business):
        senior.reads(re.compile(business))
    senior.presses("Two separate customers")
    senior.reads("They are separate. The customer can carry on.")

    eventually(lambda: owner.company["stage"] == "ready", what="the first read")
    assert owner.company["problems"] == []
    owner.opens_mailed_link(f"We have checked: {owner.business} can carry on")
    owner.button("Continue").click()
    owner.sees("Your connections")

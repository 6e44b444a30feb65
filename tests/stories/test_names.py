"""Codat keeps few letters: its name for a business is shown, and the true one stays ours."""

import pytest
from playwright.sync_api import expect

from tests.simulated import eventually

from .manager import SENIOR, Manager

SHOWN_AS = "to our partner as Cafe Nino Ltd"
PLACEHOLDER = "since some letters of its name cannot be kept there"

SOFTWARE_SAYS = "Alder and Finch Trading Ltd"


@pytest.mark.parametrize(
    ("name", "told", "in_the_end"),
    [("Café Niño Ltd", SHOWN_AS, "Cafe Nino Ltd"), ("株式会社山田", PLACEHOLDER, SOFTWARE_SAYS)],
)
def test_the_customer_is_told_before_agreeing_and_arrives(customer, name, told, in_the_end):
    customer.business = name
    customer.starts()
    customer.chooses()
    expect(customer.page.get_by_role("main")).to_contain_text(told)
    customer.agrees()
    chosen = SOFTWARE_SAYS if told == PLACEHOLDER else ""
    customer.answers_at_the_software("Allow access", organisation=chosen)
    customer.sees("Is this your business?")
    if told == PLACEHOLDER:
        expect(customer.page.get_by_text("The names are different")).to_be_visible()
        expect(customer.page.get_by_text(name)).to_be_visible()
        customer.page.get_by_role("radio").first.check()
        customer.button("Continue").click()
    else:
        expect(customer.page.get_by_text("Only accents on letters differ")).to_be_visible()
        customer.button("Yes, this is us").click()
    customer.sees("You are connected")
    assert customer.company["stage"] == "ready"
    eventually(lambda: customer.at_codat["name"] == in_the_end, what="the name at Codat")


def test_who_waits_in_vain_for_a_name_carries_on_and_staff_confirm_it(
    stack, make_customer, new_context
):
    owner = make_customer(script=False, phone=True)
    owner.goes_to_the_software()
    stack.simulator.settings(dataset_seconds=[60, 60])
    owner.answers_at_the_software("Allow access")
    owner.sees("Reading your business name from Xero")
    stack.inside.ask("age_linking", name=owner.business)
    owner.waits_for(owner.button("Carry on, ask me later"))
    owner.sees("Xero is taking longer than usual")
    owner.button("Carry on, ask me later").click()
    said = "We will e-mail you when there is a name to check."
    expect(owner.page.get_by_text(said)).to_be_visible()

    stack.simulator.has_read(owner.at_codat["id"], "*")
    owner.mail("Is this your business")
    stack.inside.ask("give_to", name=owner.business, manager=SENIOR)
    senior = Manager(new_context(base_url=stack.url).new_page())
    senior.signs_in(SENIOR)
    senior.opens(owner)
    senior.page.get_by_role("link", name="See both names").first.click()
    senior.presses("It is their business")
    eventually(lambda: owner.company["stage"] == "ready", what="the end of the journey")
    owner.page.goto(f"/journey/{owner.company['uid']}/done/")
    owner.sees("You are connected")

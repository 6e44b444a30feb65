"""Codat keeps few letters: its name for a business is shown, and the true one stays ours."""

import pytest
from playwright.sync_api import expect

from tests.simulated import eventually

SHOWN_AS = "to our partner as Cafe Nino Ltd"
PLACEHOLDER = "since your name has letters that it cannot keep"

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

"""What axe and the browser's own console say about the pages of a journey, as they are served."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.timeout(120)  # axe has no limit of its own


def has_nothing_amiss(customer) -> None:
    found = Axe().run(customer.page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert customer.complaints == []


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_no_page_of_the_journey_has_anything_amiss(stack, make_customer, phone):
    stack.simulator.settings(dataset_seconds=[600, 600])  # reading ends when this story says so
    owner = make_customer(phone=phone)
    owner.page.goto("/")
    has_nothing_amiss(owner)
    owner.button("Connect accounting software").click()
    owner.waits_for(owner.page.get_by_role("heading", name="There is a problem"))
    owner.complaints.clear()  # the browser's remark on an answer of 422
    has_nothing_amiss(owner)
    owner.fills_in_the_start()
    owner.button("Connect accounting software").click()
    owner.sees(f"We sent a link to {owner.email}")
    has_nothing_amiss(owner)
    owner.proves_the_address()
    has_nothing_amiss(owner)
    owner.chooses()
    has_nothing_amiss(owner)
    owner.agrees()
    owner.answers_at_the_software("Cancel")
    owner.sees("Xero is not connected yet")
    has_nothing_amiss(owner)
    owner.link("Try Xero again").click()
    owner.sees("You are going to Xero")
    has_nothing_amiss(owner)
    owner.presses_go()
    owner.answers_at_the_software("Allow access")
    owner.sees("Reading your business name from Xero")
    has_nothing_amiss(owner)
    stack.simulator.has_read(owner.at_codat["id"], "company")
    owner.sees("Is this your business?")
    has_nothing_amiss(owner)
    owner.button("Yes, this is us").click()
    owner.sees("We are reading your information")
    has_nothing_amiss(owner)
    stack.simulator.has_read(owner.at_codat["id"], "*")
    owner.sees("You are connected")
    has_nothing_amiss(owner)
    owner.link("Your connections").first.click()
    owner.sees("Your connections")
    has_nothing_amiss(owner)

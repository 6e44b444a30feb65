"""The address of the return can be typed by anybody, with anything in it."""

import uuid

import pytest
from playwright.sync_api import expect


def returned(page, **query: object) -> None:
    page.goto("/link/return?" + "&".join(f"{name}={value}" for name, value in query.items()))


def test_a_stranger_learns_nothing_whatever_is_typed(customer, make_customer):
    customer.goes_to_the_software()
    real = customer.at_codat
    stranger = make_customer()
    seen = set()
    for company, connection in (
        (real["id"], real["connection"]["id"]),
        (uuid.uuid4(), uuid.uuid4()),
        ("", "%3Cscript%3E"),
    ):
        returned(stranger.page, statusCode="200", companyId=company, connectionId=connection)
        stranger.sees("Thank you, you can close this page")
        seen.add(stranger.page.get_by_role("main").inner_text())
    assert len(seen) == 1
    assert customer.company["connections"][0]["status"] == "PendingAuth"


@pytest.mark.parametrize("state", ["", "forged"])
def test_success_that_was_only_typed_is_not_believed(stack, customer, state):
    customer.goes_to_the_software()
    real = customer.at_codat
    returned(
        customer.page,
        statusCode="200",
        companyId=real["id"],
        connectionId=real["connection"]["id"],
        state=state,
    )
    customer.sees("Did you finish at Xero?")
    stack.settle()
    assert customer.company["connections"][0]["status"] == "PendingAuth"

    customer.goes_there_again("Go to Xero again")
    customer.allows_access()
    customer.says_yes()


def test_ids_of_another_business_change_nothing_for_either(customer, make_customer):
    other = make_customer()
    customer.goes_to_the_software()
    other.goes_to_the_software()
    theirs = other.at_codat
    returned(
        customer.page,
        statusCode="403",
        companyId=theirs["id"],
        connectionId=theirs["connection"]["id"],
    )
    customer.sees("Did you finish at Xero?")
    expect(customer.page.get_by_text(other.business)).to_have_count(0)
    other.allows_access()
    other.says_yes()
    customer.goes_there_again("Go to Xero again")
    customer.allows_access()
    customer.says_yes()

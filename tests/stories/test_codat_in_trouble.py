"""Codat is down, slow or busy while a customer waits; a platform vanishes under their hands."""

import pytest
from playwright.sync_api import expect

from tests.simulated import eventually


@pytest.mark.parametrize(
    ("operation", "trouble", "heading"),
    [
        ("create-company", {"fault": "cut"}, "Opening Xero"),
        ("create-company", {"fault": "slow:4"}, "Opening Xero"),
        ("create-connection", {"fault": "status:503"}, "Opening Xero"),
        ("get-connection", {"fault": "status:500"}, "We cannot open Xero right now"),
        ("get-connection", {"fault": "slow:4"}, "We cannot open Xero right now"),
        (
            "get-connection",
            {"fault": "status:429", "retry_after": 1},
            "Many people are connecting right now",
        ),
    ],
)
def test_a_page_says_so_and_the_way_on_works_afterwards(
    stack, customer, operation, trouble, heading
):
    # A worker may meet it first: what the customer is to see lasts until they have seen it.
    stack.simulator.fault(operation, times=1 if heading == "Opening Xero" else None, **trouble)
    customer.starts()
    customer.chooses()
    customer.ticks_the_box()
    customer.button("Agree and go to Xero").click()
    if heading == "Opening Xero":
        # A page of its own, unless a worker has mended it before the page is drawn.
        customer.waits_for(customer.button("Go to Xero"))
        customer.presses_go()
    else:
        customer.sees(heading)
        stack.simulator.no_faults()
        customer.presses_until("Try again", customer.heading("Allow access to your data?"))
    assert customer.company["consents"] == 1
    assert customer.at_codat["connection"]["status"] == "PendingAuth"


def test_a_platform_that_vanished_meanwhile_leads_back_to_choosing(stack, customer):
    customer.starts()
    customer.chooses("FreeAgent")
    stack.inside.ask("switch_platform", name="FreeAgent", on=False)
    try:
        customer.ticks_the_box()
        customer.button("Agree and go to FreeAgent").click()
        customer.sees("What software do you use?")
        expect(customer.page.get_by_text("That software is not on offer now.")).to_be_visible()
        expect(customer.button("FreeAgent")).to_have_count(0)
    finally:
        stack.inside.ask("switch_platform", name="FreeAgent", on=True)
    assert customer.company["writes"] == []


def test_who_leaves_while_codat_is_down_hears_when_it_works_and_arrives(stack, make_customer):
    stack.simulator.fault("create-company", "status:503", times=None)
    owner = make_customer(script=False, phone=True)
    owner.starts()
    owner.chooses()
    owner.ticks_the_box()
    owner.button("Agree and go to Xero").click()
    owner.sees("Opening Xero")
    expect(owner.page.get_by_text("Your answers are saved.")).to_be_visible()
    stack.inside.ask("age_writes", name=owner.business)
    owner.waits_for(owner.button("E-mail me when it works"))
    owner.button("E-mail me when it works").click()
    owner.sees("We will e-mail you when it works")
    assert "You can carry on now" not in [mail.subject for mail in stack.mails_to(owner.email)]

    stack.simulator.no_faults()
    owner.opens_mailed_link("You can carry on now")
    owner.button("Continue").click()
    owner.sees("You are going to Xero")
    owner.presses_go()
    owner.allows_access()
    owner.says_yes()
    assert owner.company["consents"] == 1


def test_a_days_allowance_used_up_is_said_plainly_and_midnight_mends_it(stack, make_customer):
    owner = make_customer(phone=True)
    owner.starts()
    owner.chooses()
    owner.ticks_the_box()
    stack.simulator.settings(daily_quota=1)
    owner.button("Agree and go to Xero").click()
    owner.sees("We cannot connect new software today")
    expect(owner.page.get_by_text("Your answers are saved.")).to_be_visible()
    expect(owner.page.get_by_role("main").get_by_text("Reference")).to_be_visible()
    owner.button("E-mail me when it works").click()
    owner.sees("We will e-mail you when it works")
    assert stack.simulator.companies_of(owner.company["uid"]) == []

    stack.simulator.settings(daily_quota=1_000_000)
    stack.simulator.control("POST", "/midnight")
    eventually(stack.may_call, what="the news of the new day's allowance")
    stack.inside.ask("midnight", name=owner.business)
    owner.opens_mailed_link("You can carry on now")
    owner.button("Continue").click()
    owner.sees("You are going to Xero")
    owner.presses_go()
    owner.allows_access()
    owner.says_yes()

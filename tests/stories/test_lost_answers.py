"""Codat did what was asked, and its answer was lost: nothing is made twice."""

import pytest


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("operation", ["create-company", "create-connection"])
def test_the_customer_waits_a_moment_and_goes_on(stack, make_customer, operation, script):
    owner = make_customer(script=script, phone=not script)
    stack.simulator.fault(operation, "processed_then_cut")
    owner.starts()
    owner.chooses()
    owner.ticks_the_box()
    owner.button("Agree and go to Xero").click()
    # “Opening Xero” is seen only if the worker has not finished before the page is drawn.
    owner.waits_for(owner.button("Go to Xero"))
    owner.presses_go()
    # Once more with the same key, unless a look has found first what had been made.
    assert stack.simulator.calls_of(operation) <= 2
    assert owner.at_codat["connection"]["status"] == "PendingAuth"
    owner.allows_access()
    owner.says_yes()

"""The database of production, with a second worker: the same code, the same journey."""

import pytest

pytestmark = pytest.mark.parametrize("stack", ["postgresql"], indirect=True)


def test_a_journey_among_two_workers_of_which_one_is_killed(stack, customer):
    stack.second_worker.start()
    stack.simulator.fault("create-company", "processed_then_cut")
    customer.starts()
    customer.chooses()
    customer.ticks_the_box()
    customer.presses_twice("Agree and go to Xero")
    customer.sees("Opening Xero")
    customer.waits_for(customer.button("Go to Xero"))
    customer.presses_go()
    stack.worker.kill()
    customer.allows_access()
    customer.presses_twice("Yes, this is us")
    customer.sees("You are connected")
    company = customer.company
    assert (company["consents"], company["stage"]) == (1, "ready")
    assert customer.at_codat["connection"]["status"] == "Linked"

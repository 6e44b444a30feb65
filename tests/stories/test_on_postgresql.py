"""The database of production, with a second worker: the same code, the same journey."""

import pytest

pytestmark = pytest.mark.parametrize("stack", ["postgresql"], indirect=True)


def test_a_journey_among_two_workers_of_which_one_is_killed_and_two_beats(stack, customer):
    stack.second_worker.start()
    stack.start_second_beat()
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
    assert stack.second_beat.runs
    stack.settle()
    kinds = [each["kind"] for each in stack.company(customer.business)["emails"]]
    assert sorted(kinds) == sorted(set(kinds))

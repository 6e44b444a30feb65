"""Webhooks only bring news sooner: what becomes of them changes nothing in the end."""

import pytest

from tests.simulated import eventually


@pytest.mark.parametrize(
    "trouble",
    [{"drop": 1}, {"duplicate": 1}, {"delay_seconds": [3, 5], "shuffle": True}],
    ids=["dropped", "doubled", "late"],
)
def test_the_customer_arrives_and_nothing_happens_twice(stack, customer, trouble):
    stack.simulator.webhooks(**trouble)
    customer.goes_all_the_way()
    uid, codat_id = customer.company["uid"], customer.at_codat["id"]

    def all_ended():
        ours = [each for each in stack.simulator.state()["webhooks"] if codat_id in str(each)]
        return ours and all(each["outcome"] != "pending" for each in ours) and ours

    outcomes = {each["outcome"] for each in eventually(all_ended, what=f"news of {uid}")}
    assert outcomes == ({"dropped"} if "drop" in trouble else {"delivered"})
    stack.settle()
    company = customer.company
    assert company["statuses_seen"] == ["PendingAuth", "Linked"]
    assert (company["stage"], company["problems"]) == ("ready", [])
    assert customer.at_codat["connection"]["status"] == "Linked"
    customer.page.reload()
    customer.sees("You are connected")

"""Another business was picked at the software."""

import re

import pytest
from playwright.sync_api import expect

from tests.simulated import eventually

OTHER = "Harbour Cafe Ltd"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_it_is_pointed_out_disconnected_and_chosen_again(stack, make_customer, script):
    owner = make_customer(script=script, phone=not script)
    owner.goes_to_the_software()
    owner.answers_at_the_software("Allow access", organisation=OTHER)
    owner.sees("Is this your business?")
    expect(owner.page.get_by_text("The names are different")).to_be_visible()
    expect(owner.page.get_by_text(owner.business)).to_be_visible()
    stack.simulator.fault("unlink-connection", "status:503")  # the first try is lost
    owner.page.get_by_label("No, connect another business").check()
    owner.button("Continue").click()
    owner.sees(re.compile(f"We (are disconnecting|have disconnected) {OTHER}"))
    eventually(
        lambda: owner.company["connections"][0]["status"] == "Unlinked", what="the unlinking"
    )
    owner.page.reload()
    owner.sees(f"We have disconnected {OTHER}")
    before = owner.at_codat
    assert before["connection"]["status"] == "Unlinked"

    owner.goes_there_again("Try Xero again")
    owner.answers_at_the_software("Allow access", organisation=owner.business)
    owner.sees("Is this your business?")
    owner.says_yes()
    after = owner.at_codat
    assert (after["id"], after["connection"]["status"]) == (before["id"], "Linked")


def test_on_a_reconnect_it_is_disconnected_again_without_a_question(stack, make_customer):
    owner = make_customer()
    owner.goes_all_the_way()
    connection = owner.at_codat["connection"]["id"]
    stack.simulator.act(connection, "deauthorize")
    eventually(lambda: owner.company["stage"] == "lost", what="news of the end")
    owner.page.goto(f"/journey/{owner.company['uid']}/connections/")
    owner.goes_there_again("Reconnect Xero")
    owner.answers_at_the_software("Allow access", organisation=OTHER)
    owner.sees("This is a different business")
    expect(owner.page.get_by_text(f"This time Xero sent {OTHER}")).to_be_visible()
    assert owner.at_codat["connection"]["status"] == "Unlinked"
    assert owner.company["problems"] == ["wrong_company"]
    owner.button("It is the same business").click()
    owner.sees("You told us that it is the same business")
    assert owner.company["stage"] == "lost"

    owner.goes_there_again(f"Choose {owner.business} in Xero")
    owner.answers_at_the_software("Allow access", organisation=owner.business)
    owner.sees("You are connected")
    assert owner.at_codat["connection"]["id"] == connection

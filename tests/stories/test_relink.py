"""The software ended the permission; the account manager asks for it again."""

from tests.simulated import eventually

from .manager import EMAIL, Manager


def test_a_mailed_link_restores_the_same_connection(stack, make_customer, new_context):
    owner = make_customer()
    owner.goes_all_the_way()
    stack.inside.ask("give_to", name=owner.business, manager=EMAIL)
    before = owner.at_codat
    stack.simulator.act(before["connection"]["id"], "deauthorize")
    eventually(lambda: owner.company["stage"] == "lost", what="news of the end")
    # The engine's own mail waits for a second look: a minute later it is the manager's turn.
    stack.inside.ask("age_links", name=owner.business, seconds=61)

    manager = Manager(new_context(base_url=stack.url).new_page())
    manager.signs_in()
    manager.opens(owner)
    manager.presses("Send reconnect link")
    manager.reads("Sent to")
    stack.simulator.control("DELETE", "/calls")

    again = make_customer(script=False, phone=True)  # another browser of the same person
    again.business = owner.business
    again.opens_mailed_link(f"Reconnect Xero for {owner.business}", address=owner.email)
    again.button("Continue").click()
    again.sees("You are going to Xero")
    again.presses_go()
    again.answers_at_the_software("Allow access")
    # The numbers of the business are those of before: nobody is asked again.
    again.sees("You are connected")

    after = again.at_codat
    assert (after["id"], after["connection"]["id"]) == (before["id"], before["connection"]["id"])
    assert after["connection"]["status"] == "Linked"
    assert stack.simulator.calls_of("create-company") == 0
    assert stack.simulator.calls_of("create-connection") == 0

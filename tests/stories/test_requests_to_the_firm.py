"""What customers ask of the firm itself is answered at the desk, and leaves the worklist."""

import re

from playwright.sync_api import expect

from tests.simulated import eventually

from .manager import EMAIL, SENIOR, Manager


def test_a_request_to_delete_is_carried_out_at_codat_and_answered(
    stack, make_customer, new_context
):
    owner = make_customer()
    owner.goes_all_the_way()
    stack.inside.ask("give_to", name=owner.business, manager=EMAIL)
    connections = f"/journey/{owner.company['uid']}/connections/"
    owner.page.goto(connections)
    owner.link("Ask us to delete information").click()
    owner.button("Send request").click()
    owner.sees("We have your request to delete")

    manager = Manager(new_context(base_url=stack.url).new_page())
    manager.signs_in()
    manager.opens_request_of(owner)
    manager.reads("Codat still keeps what was read")
    senior = Manager(new_context(base_url=stack.url).new_page())
    senior.signs_in(SENIOR)
    senior.opens_request_of(owner)
    senior.page.get_by_role("link", name="Delete this connection at Codat").click()
    senior.page.get_by_label("Name of the business").fill(owner.business)
    senior.presses("Delete connection")
    senior.reads("Codat is asked to delete it")
    eventually(lambda: not owner.company["connections"], what="the deletion at Codat")
    (at_codat,) = stack.simulator.companies_of(owner.company["uid"])
    assert at_codat["dataConnections"] == []

    manager.page.reload()
    manager.page.get_by_label(re.compile("Carried out")).check()
    manager.presses("Send answer")
    manager.reads("Answered. The customer is told by e-mail.")
    manager.reads("Request to delete carried out.")
    assert owner.company["problems"] == []
    manager.finds_nothing_to_do_for(owner)
    subject = "The answer to your request to delete"
    eventually(
        lambda: subject in [mail.subject for mail in stack.mails_to(owner.email)],
        what="the answer by mail",
    )
    owner.page.goto(connections)
    expect(owner.page.get_by_text("What was read was deleted.")).to_be_visible()


def test_software_that_is_not_listed_is_settled_by_telephone(stack, make_customer, new_context):
    owner = make_customer()
    owner.starts()
    stack.inside.ask("give_to", name=owner.business, manager=EMAIL)
    owner.link("My software is not listed").click()
    owner.page.get_by_label("Name of your software").fill("Abacus 9")
    owner.page.get_by_label("Your phone number").fill("020 7946 0001")
    owner.button("Ask us to contact you").click()
    owner.sees("We know what you use")

    manager = Manager(new_context(base_url=stack.url).new_page())
    manager.signs_in()
    manager.opens_request_of(owner)
    manager.reads("Abacus 9. Call 020 7946 0001")
    manager.page.get_by_label("What you agreed").fill("They send files instead.")
    manager.presses("Mark as answered")
    manager.reads("They send files instead.")
    assert "not_supported" not in owner.company["problems"]
    manager.finds_nothing_to_do_for(owner)

"""The software ended the permission; the account manager asks for it again."""

from playwright.sync_api import expect

from onboarding.demo.logins import PASSWORD
from tests.simulated import eventually

MANAGER = "manager@example.com"


def sign_in(page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(MANAGER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_mailed_link_restores_the_same_connection(stack, make_customer, new_context):
    owner = make_customer()
    owner.goes_all_the_way()
    stack.inside.ask("give_to", name=owner.business, manager=MANAGER)
    before = owner.at_codat
    stack.simulator.act(before["connection"]["id"], "deauthorize")
    eventually(lambda: owner.company["stage"] == "lost", what="news of the end")

    # The engine's own mail waits for a second look: a minute later it is the manager's turn.
    stack.inside.ask("age_links", name=owner.business, seconds=61)

    desk = new_context(base_url=stack.url).new_page()
    sign_in(desk)
    desk.get_by_role("link", name=owner.business).first.click()
    desk.get_by_role("button", name="Send reconnect link").first.click()
    expect(desk.get_by_text("Sent to")).to_be_visible()
    mail = eventually(lambda: _asking_to_reconnect(stack, owner), what="the mail")
    stack.simulator.control("DELETE", "/calls")

    again = make_customer()  # another browser of the same person
    again.business = owner.business
    (link,) = [url for url in mail.links if "/i/" in url]
    again.page.goto(link)
    again.button("Continue").click()
    again.sees("You are going to Xero")
    again.presses_go()
    again.allows_access()
    again.says_yes()

    after = again.at_codat
    assert (after["id"], after["connection"]["id"]) == (before["id"], before["connection"]["id"])
    assert after["connection"]["status"] == "Linked"
    assert stack.simulator.calls_of("create-company") == 0
    assert stack.simulator.calls_of("create-connection") == 0


def _asking_to_reconnect(stack, owner):
    mails = [each for each in stack.mails_to(owner.email) if "econnect" in each.subject]
    assert len(mails) < 2
    return mails[0] if mails else None

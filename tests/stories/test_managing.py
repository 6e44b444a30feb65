"""Later, on the phone and without script: what a customer may see, end, begin again and ask for."""

import re

from playwright.sync_api import expect


def agrees_to_new_words(stack, owner):
    stack.inside.ask("new_words", text="We also rank you.")
    try:
        owner.page.reload()
        owner.link("See what has changed").click()
        expect(owner.page.get_by_text("We also rank you.").first).to_be_visible()
        expect(owner.page.get_by_role("checkbox")).not_to_be_checked()
        owner.ticks_the_box()
        owner.button("Agree").click()
        expect(owner.page.get_by_text("Your permission is up to date.")).to_be_visible()
        assert owner.company["consents"] == 2
    finally:
        stack.inside.ask("new_words", text="")


def test_an_owner_looks_after_the_connection_and_leaves_nothing_open(stack, make_customer):
    owner = make_customer(script=False, phone=True)
    owner.goes_all_the_way()
    before = owner.at_codat
    connections = f"/journey/{owner.company['uid']}/connections/"

    # Another phone, with no mail at hand: the address alone brings a link.
    later = make_customer(script=False, phone=True)
    later.business, later.email = owner.business, owner.email
    stack.inside.ask("age_links", name=owner.business, seconds=61)  # that of the good news
    later.asks_for_the_way_in()
    later.sees("Your connections")
    later.link("Download your permission – Xero").click()
    later.sees(re.compile("^Your permission of "))
    expect(later.page.get_by_text("The words you agreed to")).to_be_visible()
    expect(later.page.get_by_role("main")).to_contain_text(later.business)
    later.page.emulate_media(media="print")
    expect(later.page.get_by_text("The words you agreed to")).to_be_visible()
    for not_for_paper in (later.link("Your connections"), later.link("Help")):
        expect(not_for_paper).to_be_hidden()
    later.page.emulate_media(media="screen")
    later.link("Your connections").click()
    agrees_to_new_words(stack, later)

    later.link("Disconnect – Xero").click()
    later.sees("Disconnect Xero?")
    expect(later.page.get_by_text("keeps what it has already read")).to_be_visible()
    later.link("Keep Xero").click()
    later.sees("Your connections")
    assert later.at_codat["connection"]["status"] == "Linked"
    later.link("Disconnect – Xero").click()
    later.button("Disconnect Xero").click()
    later.sees("Xero is disconnected")
    assert later.at_codat["connection"]["status"] == "Unlinked"
    assert later.mail("^Xero is disconnected$")

    later.link("Reconnect Xero").click()
    later.sees("You are going to Xero")
    later.presses_go()
    later.answers_at_the_software("Allow access")
    later.sees("You are connected")
    after = later.at_codat
    assert (after["id"], after["connection"]["id"]) == (before["id"], before["connection"]["id"])
    assert after["connection"]["status"] == "Linked"

    later.link("Your connections").click()
    later.link("Ask us to delete information").click()
    later.sees("Ask Northbank to delete what it has read")
    later.button("Send request").click()
    later.sees("We have your request to delete")
    later.link("Your connections").click()
    later.button("Sign out").click()
    expect(later.page.get_by_text("You have signed out on this device.")).to_be_visible()
    later.goes_back()
    expect(later.page.get_by_text(later.business)).to_have_count(0)
    assert later.page.goto(connections).status == 404
    expect(later.page.get_by_text(later.business)).to_have_count(0)

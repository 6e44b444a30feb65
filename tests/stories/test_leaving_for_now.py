"""Several things to connect, in any order, with a break between them and on two devices."""

import re

from playwright.sync_api import expect


def connects(owner, software):
    """From the list of software to the question whose business it is, answered with yes."""
    owner.sees("What software do you use?")
    owner.page.get_by_role("link", name=re.compile(f"^{re.escape(software)}")).click()
    owner.sees(f"Let Northbank read from {software}")
    owner.ticks_the_box()
    owner.button(f"Agree and go to {software}").click()
    owner.is_brought_to_the_software(software)
    owner.answers_at_the_software("Allow access")
    owner.sees(re.compile("^Is this (your business|the right account)"))
    yes = owner.button("Yes, this is us")
    holder = owner.page.get_by_label("Who holds this account?")
    if holder.count():
        holder.fill(owner.business)
    if yes.count():
        yes.click()
    else:
        owner.page.get_by_role("radio").first.check()
        owner.button("Continue").click()


def test_a_shop_first_then_a_break_then_the_books_and_two_banks(stack, make_customer):
    owner = make_customer(script=False, phone=True)
    owner.starts()
    connects(owner, "Shopify")
    owner.waits_for(owner.heading("We have read what we need from Shopify"))
    expect(owner.page.get_by_text("1 of 3 kinds of software connected")).to_be_visible()
    owner.link("Carry on").click()
    owner.sees("What software do you use?")
    expect(owner.link("Skip for now")).to_have_count(0)  # the books are needed
    stack.inside.ask("age_links", name=owner.business, seconds=61)
    owner.link("Leave for now").click()
    owner.sees("Leave for now?")
    owner.button("Save and leave").click()
    owner.sees(re.compile("^We sent a new link to"))
    expect(owner.page.get_by_text(owner.email)).to_have_count(0)

    later = make_customer(script=False, phone=True)
    later.business, later.email = owner.business, owner.email
    later.opens_mailed_link("Still to do: connect")
    later.button("Continue").click()
    later.sees("Your connections")
    later.link("Add another").click()
    connects(later, "Xero")
    later.sees("You are connected")
    done = later.page.url

    later.link("Add another").click()
    connects(later, "Plaid")
    later.sees("You are connected")
    expect(later.page.get_by_text("3 of 3 kinds of software connected")).to_be_visible()
    later.link("Add another").click()
    connects(later, "TrueLayer")
    later.sees("You are connected")
    later.link("Add another").click()
    later.link("Skip for now").click()
    later.sees("You are connected")

    later.page.goto("about:blank")
    later.page.goto(done)
    later.sees("You are connected")
    (at_codat,) = stack.simulator.companies_of(owner.company["uid"])
    assert [each["status"] for each in at_codat["dataConnections"]] == ["Linked"] * 4

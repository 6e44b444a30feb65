"""Too late, too long away, or straight to one software: each link leads to the right page."""

import re

from playwright.sync_api import expect


def test_who_comes_too_late_or_stays_away_carries_on_by_mail(stack, make_customer):
    owner = make_customer(script=False, phone=True)
    stack.inside.ask("invite", name=owner.business, email=owner.email)
    link = owner.link_of(owner.mail("connect"))
    stack.inside.ask("end_links", name=owner.business)
    owner.page.goto(link)
    owner.sees("This link no longer works")
    expect(owner.page.get_by_text(owner.email)).to_have_count(0)
    stack.inside.ask("age_links", name=owner.business, seconds=61)
    owner.button("Send me a new link").click()
    owner.sees(re.compile("^We sent a new link to"))
    owner.opens_mailed_link("new link")
    owner.button("Continue").click()
    owner.sees("What software do you use?")

    stack.inside.ask("leave_alone", name=owner.business)
    stack.inside.ask("age_links", name=owner.business, seconds=61)
    owner.link("Xero").click()
    owner.sees("We closed your session to keep it safe")
    expect(owner.page.get_by_text(owner.business)).to_have_count(0)
    owner.button("E-mail me a link to carry on").click()
    owner.sees(re.compile("^We sent a new link to"))
    owner.opens_mailed_link("new link")
    owner.button("Continue").click()
    owner.sees("What software do you use?")
    owner.chooses()
    owner.agrees()


def test_a_link_to_one_software_skips_the_choice(make_customer):
    owner = make_customer(script=False, phone=True)
    owner.page.goto("/connect/gbol/")
    owner.fills_in_the_start()
    owner.page.get_by_role("main").get_by_role("button").first.click()
    owner.sees(f"We sent a link to {owner.email}")
    owner.opens_mailed_link("your link to carry on")
    expect(owner.page.get_by_text("You now sign in to Xero on its own page.")).to_be_visible()
    owner.button("Continue").click()
    owner.sees("Let Northbank read from Xero")
    owner.agrees()
    assert len(owner.forms_sent) <= 3, owner.forms_sent

"""Somebody else has the login: the accountant signs in, and the owner says whose business it is."""

from playwright.sync_api import expect


def asks(owner, name, address):
    owner.sees("Who can sign in to Xero?")
    owner.page.get_by_label("Their name").fill(name)
    owner.page.get_by_label("Their e-mail address").fill(address)
    owner.button("Send link").click()
    owner.sees(f"We asked {name} to connect Xero")


def test_an_accountant_signs_in_and_the_owner_answers_for_the_name(make_customer):
    owner, helper = make_customer(script=False, phone=True), make_customer()
    helper.business = owner.business
    wrong = f"wrong.{helper.email}"
    owner.starts()
    owner.chooses()
    owner.ticks_the_box()
    owner.button("Agree, and someone else signs in").click()
    asks(owner, "Wren", wrong)
    owner.button("Take the link back").click()
    expect(owner.page.get_by_text("The link no longer works.")).to_be_visible()
    helper.opens_mailed_link("asks you to connect Xero", address=wrong)
    helper.sees("This request was closed")
    expect(helper.page.get_by_text(owner.business)).to_have_count(0)

    asks(owner, "Dana", helper.email)
    helper.opens_mailed_link("asks you to connect Xero")
    helper.button("Continue").click()
    helper.sees("You are going to Xero")
    helper.presses_go()
    helper.answers_at_the_software("Allow access")
    helper.waits_for(helper.heading("Thank you, your part is done"))
    expect(helper.link("Your connections")).to_have_count(0)
    assert helper.page.goto(f"/journey/{owner.company['uid']}/connections/").status == 404

    owner.opens_mailed_link("Dana has connected Xero")
    owner.button("Continue").click()
    owner.sees("Is this your business?")
    owner.says_yes()
    assert owner.at_codat["connection"]["status"] == "Linked"

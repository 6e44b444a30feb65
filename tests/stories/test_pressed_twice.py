"""Impatient fingers: a second press, a second tab, a step back. Nothing is ever doubled."""


def test_every_button_pressed_twice_doubles_nothing(stack, customer):
    customer.page.goto("/")
    customer.fills_in_the_start()
    customer.presses_twice("Connect accounting software")
    customer.sees(f"We sent a link to {customer.email}")
    customer.opens_mailed_link("your link to carry on")
    customer.presses_twice("Continue")
    customer.sees("What software do you use?")
    customer.link("Xero").dblclick()
    customer.sees("Let Northbank read from Xero")
    customer.ticks_the_box()
    customer.presses_twice("Agree and go to Xero")
    customer.is_brought_to_the_software()
    customer.button("Cancel").dblclick()
    customer.sees("Xero is not connected yet")
    customer.link("Try Xero again").dblclick()
    customer.sees("You are going to Xero")
    customer.presses_twice("Go to Xero")
    customer.is_at_the_software()
    customer.button("Allow access").dblclick()
    customer.sees("Is this your business?")
    customer.presses_twice("Yes, this is us")
    customer.sees("You are connected")

    assert len(customer.forms_sent) >= 2 * 4 + 1
    company = customer.company  # the one of that name
    assert company["consents"] == 1
    assert [each["kind"] for each in company["writes"]] == ["create_company", "create_connection"]
    assert customer.at_codat["connection"]["status"] == "Linked"
    assert stack.simulator.calls_of("create-company") == 1
    assert stack.simulator.calls_of("create-connection") == 1


def test_back_after_each_step_leads_on_again(customer):
    customer.starts()
    customer.goes_back()
    customer.sees(f"Carry on for {customer.business}")
    customer.page.go_forward()
    customer.sees("What software do you use?")
    customer.chooses()
    customer.goes_back()
    customer.sees("What software do you use?")
    customer.chooses()
    customer.agrees()
    customer.goes_back()
    customer.sees("You are going to Xero")  # permission was given: it is not asked again
    customer.presses_go()
    customer.allows_access()
    customer.goes_back()
    customer.sees("Is this your business?")  # that sign-in is over
    customer.says_yes()
    customer.goes_back()
    customer.sees("You are connected")
    assert customer.at_codat["connection"]["status"] == "Linked"


def test_two_tabs_of_one_customer_end_in_one_connection(stack, customer):
    customer.starts()
    here, there = customer.page, customer.page.context.new_page()
    there.goto(here.url)
    for tab in (here, there):
        customer.page = tab
        customer.chooses()
    for tab in (here, there):
        customer.page = tab
        customer.agrees()
    customer.page = here
    customer.allows_access()
    customer.page = there
    customer.allows_access()
    customer.says_yes()
    customer.page = here
    customer.button("Yes, this is us").click()
    customer.sees("You are connected")
    assert customer.at_codat["connection"]["status"] == "Linked"
    assert stack.simulator.calls_of("create-connection") == 1


def test_two_businesses_in_one_browser_stay_apart(make_customer):
    first = make_customer()
    second = make_customer()
    second.page = first.page.context.new_page()  # the same browser
    first.starts()
    second.starts()
    first.chooses()
    second.chooses()
    first.agrees()
    second.agrees()
    second.allows_access()
    first.allows_access()
    for owner in (first, second):
        assert owner.page.get_by_text(owner.business).first.is_visible()
        owner.says_yes()
    assert first.at_codat["id"] != second.at_codat["id"]
    assert {first.company["stage"], second.company["stage"]} == {"ready"}

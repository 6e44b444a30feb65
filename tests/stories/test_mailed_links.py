"""Links by mail: the first one, and the one that comes when everything is read."""

import re

from .manager import Manager


def test_a_new_customer_is_invited_and_comes_back_by_mail(stack, make_customer, new_context):
    owner = make_customer(script=False, phone=True)
    manager = Manager(new_context(base_url=stack.url).new_page())
    manager.signs_in()
    manager.adds(owner)
    manager.presses("Send link")
    manager.reads("Sent to")

    owner.opens_mailed_link(re.compile("connect"))
    owner.sees(f"Northbank asks {owner.business} to connect its software")
    assert owner.company["stage"] == "invited"  # looking changed nothing
    owner.button("Continue").click()
    owner.sees("What software do you use?")
    owner.chooses()
    stack.settle()
    owner.agrees()
    assert len(owner.forms_sent) == 2, "one less than who begins alone: the mail is the proof"
    owner.allows_access()
    owner.says_yes()

    later = make_customer()  # the same person at another machine
    later.opens_mailed_link("We have read everything we need", address=owner.email)
    later.button("Continue").click()
    later.sees("Your connections")
    assert later.page.get_by_text("Connected", exact=True).is_visible()
    # What was confirmed stands in the mail that it is connected, for both come at one moment.
    # One more is planned for who is back before it is seen as connected: a matter of moments.
    kinds = [each["kind"] for each in owner.company["emails"] if each["kind"] != "name_to_confirm"]
    assert sorted(kinds) == ["connected", "first_read_done", "onboard"]

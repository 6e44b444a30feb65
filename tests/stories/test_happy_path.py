"""From the landing page to “You are connected”."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_owner_connects_the_business(stack, make_customer, script, phone):
    owner = make_customer(script=script, phone=phone)
    owner.page.goto("/")
    for said in ("It takes about 3 minutes.", "Your figures reach us without papers to send."):
        expect(owner.page.get_by_text(said).first).to_be_visible()
    owner.starts()
    assert stack.simulator.companies_of(owner.company["uid"]) == []
    owner.searches("quick", found="QuickBooks Online", gone="Xero")
    owner.searches("xer", found="Xero", gone="QuickBooks Online")
    owner.chooses()
    expect(owner.page.get_by_text("Then you come back here.")).to_be_visible()
    expect(owner.page.get_by_role("checkbox")).not_to_be_checked()
    stack.settle()  # A worker that is still busy with the start would ask for one press more.
    owner.agrees()
    assert len(owner.forms_sent) <= 3, owner.forms_sent
    owner.allows_access()
    owner.says_yes()
    assert owner.company["stage"] == "ready"
    assert owner.at_codat["connection"]["status"] == "Linked"

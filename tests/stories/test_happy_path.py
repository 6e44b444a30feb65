"""From the landing page to “You are connected”."""

import pytest


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_owner_connects_the_business(stack, make_customer, script, phone):
    owner = make_customer(script=script, phone=phone)
    owner.starts()
    owner.searches("quick", found="QuickBooks Online", gone="Xero")
    owner.searches("xer", found="Xero", gone="QuickBooks Online")
    owner.chooses()
    stack.settle()  # A worker that is still busy with the start would ask for one press more.
    owner.agrees()
    assert len(owner.forms_sent) <= 3, owner.forms_sent
    owner.allows_access()
    owner.says_yes()
    assert owner.company["stage"] == "ready"
    assert owner.at_codat["connection"]["status"] == "Linked"

"""From the landing page to “You are connected”."""

import pytest


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_owner_connects_the_business(make_customer, script, phone):
    owner = make_customer(script=script, phone=phone)
    owner.starts()
    owner.searches("quick", found="QuickBooks Online", gone="Xero")
    owner.searches("xer", found="Xero", gone="QuickBooks Online")
    owner.chooses()
    owner.agrees()
    assert len(owner.forms_asked_for) == 3, "the start, the proof of the address, the permission"
    owner.allows_access()
    owner.says_yes()
    assert owner.company["stage"] == "ready"
    assert owner.at_codat["connection"]["status"] == "Linked"

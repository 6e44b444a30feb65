"""What does not end well at the software has a page of its own, and a way to try again."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(
    ("button", "heading", "sentence", "script"),
    [
        ("Cancel", "Xero is not connected yet", "Nothing was shared.", False),
        ("Cancel", "Xero is not connected yet", "Nothing was shared.", True),
        ("Fail", "Xero could not connect", "It is not something you did.", True),
        (
            *("Not supported", "We cannot connect this kind of Xero yet"),
            *("Some versions cannot be connected.", True),
        ),
    ],
)
def test_it_has_its_page_and_trying_again_completes(
    make_customer, button, heading, sentence, script
):
    owner = make_customer(script=script)
    owner.goes_to_the_software()
    owner.answers_at_the_software(button)
    owner.sees(heading)
    expect(owner.page.get_by_text(sentence)).to_be_visible()
    owner.goes_there_again("Try Xero again")
    owner.allows_access()
    owner.says_yes()
    assert owner.at_codat["connection"]["status"] == "Linked"
    assert owner.company["problems"] == []

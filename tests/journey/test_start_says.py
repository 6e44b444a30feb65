"""What the first page says before anything is asked: what it is for, in a few words."""

import pytest

from onboarding.linking.models import Category, SiteText
from onboarding.linking.site_texts import EDITABLE
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db

MOST_WORDS = {"sentence": 16, "kind": 32}
"""A sentence that can be said in one breath; three lines of a phone for a kind of software."""


def test_each_kind_of_software_says_what_it_is_for_and_whether_it_is_needed(client, xero, shopify):
    Category.objects.create(slug="staff", name="Pay", source_types=["Expense"], wording="Why pay.")
    factories.make_platform("paye", "Payroll", "Expense")
    page = seen.text(client.get("/"))
    accounting = page.index("Accounting software (needed) Your figures reach us without papers")
    commerce = page.index("Sales and payments (not needed) Your sales count as they happen.")
    assert accounting < commerce
    for how_it_is_used_and_what_to_do in (
        "We read sales, costs and balances. We change nothing. "
        "Choose your software and sign in to it once.",
        "We read orders, refunds and payouts, and never card numbers. "
        "Sign in to your shop or card reader once.",
        "Pay (not needed) Why pay.",
    ):
        assert how_it_is_used_and_what_to_do in page
    assert "We cannot go on until the software that we need is connected." in page
    assert "Bank accounts" not in page


def test_nobody_is_told_to_choose_software_that_is_given_already(client, xero, qbo, shopify):
    to_choose = "Choose your software and sign in to it once."
    other_kind = "Sign in to your shop or card reader once."
    assert to_choose in seen.text(client.get("/"))
    given = seen.text(client.get(f"/connect/{xero.key}/"))
    assert to_choose not in given
    assert other_kind in given


def test_where_nothing_is_needed_the_page_says_so_and_what_follows(client, xero):
    Category.objects.update(required=False)
    page = seen.text(client.get("/"))
    assert "You need not do this. Without it we may ask you for papers." in page
    assert "We cannot go on" not in page


def test_staff_put_their_own_words_for_one_kind(client, xero):
    SiteText.objects.create(key="start.accounting.gain", language="en", text="Money by Friday.")
    assert "Money by Friday." in seen.text(client.get("/"))


def test_the_questions_say_what_to_do_instead(client, settings, xero):
    for settings.SELF_SERVICE in (True, False):
        page = seen.text(client.get("/"))
        assert "What if I do not want to? Contact us: we look for another way together." in page


def test_the_button_names_what_is_connected(client, xero, shopify):
    assert seen.primary_buttons(client.get("/")) == ["Connect accounting software"]
    Category.objects.filter(slug="accounting").update(offered=False)
    assert seen.primary_buttons(client.get("/")) == ["Connect your software"]


@pytest.mark.parametrize("kind", ["accounting", "commerce", "banking"])
def test_what_is_said_of_a_kind_is_short(kind):
    texts = [str(EDITABLE[f"start.{kind}.{part}"].default) for part in ("gain", "use", "do")]
    sentences = [each for text in texts for each in text.split(". ")]
    assert max(len(each.split()) for each in sentences) <= MOST_WORDS["sentence"]
    assert sum(len(text.split()) for text in texts) <= MOST_WORDS["kind"]

import pytest
from django.utils import timezone

from onboarding.journey import steps
from onboarding.linking.models import Category
from onboarding.linking.stages import Stage
from tests import factories

pytestmark = pytest.mark.django_db


def page(url):
    return url.rstrip("/").split("/", 3)[3]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage.DRAFT, "software"),
        (Stage.INVITED, "software"),
        (Stage.STARTED, "software"),
        (Stage.AUTHORIZING, "software"),
        (Stage.CONFIRMING, "progress"),
        (Stage.READING, "progress"),
        (Stage.READY, "done"),
        (Stage.LOST, "connections"),
    ],
)
def test_each_stage_has_the_page_where_a_customer_goes_on(company, xero, qbo, stage, expected):
    company.stage = stage.value
    assert page(steps.next_page(company)) == expected


def test_what_was_begun_goes_on_at_the_way_out(company, xero, qbo):
    factories.make_connection(company)
    company.stage = Stage.AUTHORIZING.value
    assert page(steps.next_page(company)) == "leave/gbol"


@pytest.mark.parametrize("status", ["PendingAuth", "Linked", "Unlinked", "Deauthorized", "Mystery"])
@pytest.mark.parametrize("known", ["no identity", "asked", "confirmed", "rejected"])
def test_no_state_sends_a_browser_round_in_circles(customer, company, xero, status, known):
    connection = factories.make_connection(company, status=status)
    answers = {"asked": {}, "confirmed": {"confirmed_at": timezone.now()}}
    answers["rejected"] = {"rejected_at": timezone.now()}
    if known in answers:
        factories.make_identity(connection, **answers[known])
    factories.restage(company)
    for name in ("progress", "confirm", "done", "connections", "choose"):
        response = customer.get(steps.address(name, company), follow=True)
        assert response.status_code == 200
        assert len(response.redirect_chain) <= 3
    for name in ("permission", "leave", "preparing"):
        response = customer.get(steps.address(name, company, "gbol"), follow=True)
        assert response.status_code == 200
        assert len(response.redirect_chain) <= 3


def test_software_of_a_category_that_is_not_offered_does_not_count(company, xero, shopify):
    assert steps.only_platform() is None
    Category.objects.exclude(slug="accounting").update(offered=False)
    assert steps.only_platform() == xero

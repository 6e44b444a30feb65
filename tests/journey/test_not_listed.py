import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.services import unlisted
from onboarding.linking.stages import Reason
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:not_listed", args=[company.public_id])


def reasons(company):
    return set(company.problems.open().values_list("reason", flat=True))


def test_the_chooser_leads_here_and_brings_what_was_searched(customer, company, url):
    choose = reverse("journey:choose", args=[company.public_id])
    assert f'href="{url}"' in customer.get(choose).content.decode()
    assert (
        f'href="{url}?q=Sage%20%26%20Co"'
        in customer.get(choose, {"q": "Sage & Co"}).content.decode()
    )
    page = customer.get(url, {"q": "Sage & Co"})
    assert seen.heading(page) == "What software do you use?"
    assert 'value="Sage &amp; Co"' in page.content.decode()


def test_what_was_typed_reaches_staff_with_the_way_to_be_contacted(customer, company, url):
    response = customer.post(url, {"software": "  Abacus   9 ", "phone": "020 7946 0001"})
    assert response["Location"] == url
    told = company.history.get(subject="software_not_listed")
    assert told.text == "Abacus 9. Call 020 7946 0001"
    assert reasons(company) == {Reason.NOT_SUPPORTED}
    page = customer.get(url)
    assert seen.heading(page) == "We know what you use"
    assert "Abacus 9" in seen.text(page)
    assert "o•••@b••••.example" in seen.text(page)
    assert len(seen.primary_buttons(page)) == 1


def test_the_same_told_twice_is_kept_once_and_something_else_replaces_it(customer, company, url):
    for name in ("Abacus", "Abacus", "Beads"):
        customer.post(url, {"software": name})
    assert company.history.filter(subject="software_not_listed").count() == 2
    assert "Beads" in seen.text(customer.get(url))
    assert seen.heading(customer.get(url, {"again": 1})) == "What software do you use?"


def test_a_name_is_needed_and_what_was_typed_is_kept(customer, company, url):
    page = customer.post(url, {"software": "", "phone": "020 7946 0001"})
    assert page.status_code == 422
    assert seen.errors(page) == ["Enter the name of your software"]
    assert 'value="020 7946 0001"' in page.content.decode()
    assert not reasons(company)


def test_an_answer_of_staff_or_what_is_needed_being_connected_settles_it(
    customer, company, url, alice
):
    customer.post(url, {"software": "Abacus"})
    unlisted.answer(company=company, by=alice, now=timezone.now())
    assert not reasons(company)
    customer.post(url, {"software": "Abacus"})
    assert reasons(company) == {Reason.NOT_SUPPORTED}
    factories.make_identity(
        factories.make_connection(company, status="Linked"), confirmed_at=timezone.now()
    )
    factories.restage(company)
    assert not reasons(company)


def test_a_stranger_tells_us_nothing(client, company, url):
    assert client.post(url, {"software": "Abacus"}).status_code == 404
    assert not reasons(company)

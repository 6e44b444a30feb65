"""Two records at Codat for one customer: staff are told, and nothing is chosen in silence."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.services import looking, strays
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def twin_of(company, **tags):
    client = codat_client.for_worker()
    mark = {"uid": str(company.public_id), "env": "test", **tags}
    return client.create_company(name="Brook", tags=mark)


@pytest.fixture(autouse=True)
def _deployment(settings):
    settings.CODAT_ENV = "test"


def is_told(company):
    return company.problems.open().filter(reason="doubled_at_codat").exists()


def test_of_several_that_are_looked_up_the_oldest_is_taken_and_staff_are_told(
    begun, simulator, take_turn
):
    first, second = twin_of(begun), twin_of(begun)
    begun.writes.filter(kind="create_company").update(doubtful=True, lookups=1, attempts=1)

    take_turn(begun)

    assert begun.codat_id == first.id
    assert begun.history.other_records() == {second.id}
    assert is_told(begun)


def test_a_second_record_in_codats_list_is_told_once(made, take_turn):
    other = twin_of(made)
    for _ in range(2):
        looking.compare_pages(codat_client.for_worker())
        take_turn(made)

    assert made.codat_id != other.id
    assert is_told(made)
    assert made.history.filter(subject="doubled_at_codat").count() == 1


@pytest.mark.parametrize("tags", [{"env": "another"}, {"uid": "nobody"}])
def test_what_others_made_is_left_alone(made, take_turn, tags):
    twin_of(made, **tags)
    looking.compare_pages(codat_client.for_worker())
    take_turn(made)

    assert not is_told(made)


def test_staff_see_both_ids_and_a_senior_says_that_it_is_seen_to(company, alice, charlie):
    company.codat_id = "the-one-we-know"
    company.save(update_fields=["codat_id"])
    strays.note(company, ["the-other"], timezone.now())
    factories.restage(company)
    url = reverse("desk:records", args=[company.public_id])
    desk, senior = Client(), Client()
    desk.force_login(alice)
    senior.force_login(charlie)

    row = desk.get("/desk/").content.decode()
    assert "the-one-we-know · the-other: one is ours" in row
    assert f'href="{url}"' in row
    assert "See both" in row
    page = desk.get(url).content.decode()
    assert "the-one-we-know" in page
    assert "the-other" in page
    assert "Ask a senior to see to it." in page
    assert "delete it there" not in page
    assert "delete it there" in senior.get(url).content.decode()
    assert desk.post(url).status_code == 403
    assert senior.post(url).status_code == 303
    assert not is_told(company)
    assert senior.post(url).status_code == 303
    assert company.history.filter(subject="doubled_settled").count() == 1

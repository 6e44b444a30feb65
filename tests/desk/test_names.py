"""Both names at the desk: seen, asked about, and said by who may."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking.services import identity
from tests.factories import make_identity, restage

from .cast import connect


@pytest.fixture
def open_question(company):
    """Connected elsewhere, and confirmed by nobody."""
    found = make_identity(connect(company), "Harbour Cafe", legal_name="")
    restage(company)
    return found


@pytest.fixture
def stopped(company):
    connection = connect(company, status="Unlinked")
    earlier = timezone.now() - timedelta(days=30)
    before = make_identity(connection, "Mill Lane", linked_at=earlier, confirmed_at=earlier)
    answer = {"compared": "different", "compared_with": before, "rejected_at": timezone.now()}
    found = make_identity(connection, "Harbour Cafe", **answer)
    restage(company)
    return found


def url(found, page):
    connection = found.connection
    return (
        f"/desk/companies/{connection.company.public_id}/connections/{connection.public_id}/{page}/"
    )


def text(response):
    return response.content.decode()


def test_the_worklist_asks_to_confirm_with_the_customer(desk, company, open_question):
    page = text(desk.get("/desk/"))
    assert "Connected from another browser" in page
    assert "It says \u2068Harbour Cafe\u2069." in page
    assert f'action="{url(open_question, "confirm-with-customer")}"' in page


def test_the_customer_is_mailed_once_for_two_presses(desk, company, open_question):
    address = url(open_question, "confirm-with-customer")
    first = text(desk.post(address, follow=True))
    second = text(desk.post(address, follow=True))
    assert f"Sent to {company.primary_contact.email}." in first
    assert "Sent already" in second
    assert company.emails.filter(kind="name_to_confirm").count() == 1
    assert company.history.filter(subject="name_asked").count() == 1


def test_where_nothing_is_open_nobody_is_asked(desk, company, stopped):
    page = text(desk.post(url(stopped, "confirm-with-customer"), follow=True))
    assert "Not sent: there is no name to confirm" in page
    assert not company.emails.filter(kind="name_to_confirm").exists()


def test_another_business_stands_beside_the_one_of_before(desk, company, stopped):
    worklist = text(desk.get("/desk/"))
    assert "Expected \u2068Mill Lane\u2069, got \u2068Harbour Cafe\u2069." in worklist
    assert f'href="{url(stopped, "names")}"' in worklist
    page = text(desk.get(url(stopped, "names")))
    for words in ("Mill Lane", "Harbour Cafe", "Another business", "Send reconnect link"):
        assert words in page
    assert "It is their business" not in page


def test_a_senior_overrules_and_the_next_reconnect_passes(sams_desk, company, stopped):
    assert "It is their business" in text(sams_desk.get(url(stopped, "names")))
    sams_desk.post(url(stopped, "whose"), {"identity": stopped.public_id, "answer": "yes"})
    stopped.refresh_from_db()
    assert stopped.confirmed_by.name == "Sam"
    assert stopped.rejected_at is None
    assert "wrong_company" not in {p.reason for p in company.problems.open()}


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_senior_says_whose_it_is(sams_desk, company, open_question, answer):
    sams_desk.post(
        url(open_question, "whose"), {"identity": open_question.public_id, "answer": answer}
    )
    open_question.refresh_from_db()
    assert bool(open_question.confirmed_at) == (answer == "yes")
    unlinking = company.writes.filter(kind="unlink_connection")
    assert unlinking.exists() == (answer == "no")


def test_what_changed_since_the_page_was_drawn_is_not_confirmed(sams_desk, company, open_question):
    newer = make_identity(open_question.connection, "Somebody newer")
    page = sams_desk.post(
        url(open_question, "whose"),
        {"identity": open_question.public_id, "answer": "yes"},
        follow=True,
    )
    assert "Something has changed meanwhile." in text(page)
    newer.refresh_from_db()
    assert newer.confirmed_at is None


def test_an_account_manager_asks_but_does_not_say(desk, open_question):
    answer = {"identity": open_question.public_id, "answer": "yes"}
    assert desk.post(url(open_question, "whose"), answer).status_code == 403
    open_question.refresh_from_db()
    assert open_question.confirmed_at is None
    assert identity.awaiting(company=open_question.connection.company) == open_question

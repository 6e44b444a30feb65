"""Requests to delete and software that is not listed: shown, answered, and off the worklist."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import OutgoingEmail
from onboarding.linking.services import deletions, onboarding, unlisted
from tests.factories import make_operation, make_session

from .cast import connect, make_user


@pytest.fixture
def asked(company):
    """The moment at which the customer asked to delete."""
    session, _key = make_session(company)
    deletions.ask(session=session, now=timezone.now())
    OutgoingEmail.objects.all().delete()
    return company.history.deletion_asked_at()


@pytest.fixture
def told(company):
    """What the customer told of their software."""
    session, _key = make_session(company)
    unlisted.tell(session=session, software="Abacus", phone="020 7946", now=timezone.now())
    return company.history.not_listed()


def url(company, page):
    return f"/desk/companies/{company.public_id}/{page}/"


def text(response):
    return response.content.decode()


def refusal(asked, **more):
    return {"answer": "refused", "text": "The law.", "asked_at": asked.isoformat(), **more}


def carried_out(asked):
    return {"answer": "carried_out", "asked_at": asked.isoformat()}


def reasons(company):
    return set(company.problems.open().values_list("reason", flat=True))


# ── asked to delete ──────────────────────────────────────────────────────────────────────────────
def test_the_worklist_leads_to_the_request_and_says_when_an_answer_is_due(desk, company, asked):
    page = text(desk.get("/desk/"))
    assert "Customer asked to delete" in page
    assert "Answer due " in page
    assert f'href="{url(company, "deletion")}"' in page
    assert f'href="{url(company, "deletion")}"' in text(
        desk.get(f"/desk/companies/{company.public_id}/")
    )


def test_the_page_shows_what_the_request_covers(desk, company, asked):
    connection = connect(company)
    make_operation(connection, "invoices")
    make_operation(connection, "bills")
    page = text(desk.get(url(company, "deletion")))
    assert "Xero" in page
    assert "Bills you get&nbsp;· Invoices you send" in page
    assert "Codat still keeps what was read" in page
    assert "Overdue" not in page


def test_an_answer_that_is_late_is_called_overdue(desk, company, asked, settings):
    settings.DELETION_ANSWER_DAYS = 0
    assert "Overdue" in text(desk.get(url(company, "deletion")))


def test_carrying_out_ends_the_request_and_tells_the_customer(desk, company, asked, alice):
    response = desk.post(url(company, "deletion"), carried_out(asked), follow=True)
    assert response.redirect_chain == [(f"/desk/companies/{company.public_id}/", 303)]
    assert "Answered. The customer is told by e-mail." in text(response)
    assert "Request to delete carried out." in text(response)
    assert not reasons(company)
    assert "asked to delete" not in text(desk.get("/desk/"))
    assert emails.send(OutgoingEmail.objects.get().pk, now=timezone.now())
    assert mail.outbox[0].subject == "The answer to your request to delete"
    assert "That is done." in mail.outbox[0].body
    assert company.history.deletion_answer().actor == "Alice"


def test_a_refusal_gives_its_reason_to_the_customer(desk, company, asked):
    desk.post(url(company, "deletion"), refusal(asked))
    assert emails.send(OutgoingEmail.objects.get().pk, now=timezone.now())
    assert "We have to keep it, for this reason:" in mail.outbox[0].body
    assert "The law." in mail.outbox[0].body
    assert not reasons(company)


def test_nothing_counts_as_deleted_while_codat_keeps_it(desk, company, asked):
    connection = connect(company)
    response = desk.post(url(company, "deletion"), carried_out(asked))
    assert response.status_code == 422
    assert "Delete the connections at Codat first" in text(response)
    assert reasons(company) == {"deletion_asked"}
    connection.deleted_at = timezone.now()
    connection.save(update_fields=["deleted_at"])
    assert desk.post(url(company, "deletion"), carried_out(asked)).status_code == 303


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "Choose what became of the request"),
        ({"answer": "refused", "text": "  "}, "Enter the reason"),
        ({"answer": "refused", "text": "x" * 401}, "Use 400 characters or fewer"),
        ({"answer": "refused", "text": "x", "asked_at": "yesterday"}, "Open this page again"),
    ],
)
def test_an_unfinished_answer_is_asked_for_again(desk, company, asked, sent, error):
    response = desk.post(url(company, "deletion"), {"asked_at": asked.isoformat(), **sent})
    assert response.status_code == 422
    assert error in text(response)
    assert reasons(company) == {"deletion_asked"}


def test_a_second_press_answers_nothing_and_mails_nothing(desk, company, asked):
    desk.post(url(company, "deletion"), refusal(asked))
    response = desk.post(url(company, "deletion"), refusal(asked), follow=True)
    assert "This is answered already" in text(response)
    assert OutgoingEmail.objects.count() == 1
    assert company.history.filter(subject="deletion_refused").count() == 1


def test_a_page_opened_before_the_present_request_answers_nothing(desk, company, asked):
    late = refusal(asked - timedelta(days=1))
    response = desk.post(url(company, "deletion"), late, follow=True)
    assert "This has changed since you opened it" in text(response)
    assert reasons(company) == {"deletion_asked"}


def test_who_cannot_be_mailed_is_to_be_told_by_staff(desk, company, asked):
    company.contacts.all().delete()
    page = text(desk.get(url(company, "deletion")))
    assert "No e-mail goes out, for there is no address. Tell them yourself." in page
    page = text(desk.post(url(company, "deletion"), refusal(asked), follow=True))
    assert "No e-mail goes out" in page
    assert not OutgoingEmail.objects.exists()


def test_a_closed_customer_is_answered_without_a_mail(desk, company, asked, alice):
    onboarding.close(company=company, by=alice, now=timezone.now())
    assert "for the customer is closed. Tell them" in text(desk.get(url(company, "deletion")))
    page = text(desk.post(url(company, "deletion"), refusal(asked), follow=True))
    assert "No e-mail goes out" in page
    assert not OutgoingEmail.objects.exists()


# ── not listed ───────────────────────────────────────────────────────────────────────────────────
def test_the_worklist_says_what_they_use_and_leads_to_the_request(desk, company, told):
    page = text(desk.get("/desk/")).replace("\u2068", "").replace("\u2069", "")
    assert "They use “Abacus. Call 020 7946”." in page
    assert f'href="{url(company, "not-listed")}"' in page


def test_the_page_shows_what_they_typed_and_how_to_reach_them(desk, company, told):
    page = text(desk.get(url(company, "not-listed")))
    assert "Abacus. Call 020 7946" in page
    assert f"mailto:{company.primary_contact.email}" in page


def test_marking_as_answered_takes_it_off_the_worklist(desk, company, told):
    answer = {"told": told, "text": "They send files."}
    response = desk.post(url(company, "not-listed"), answer, follow=True)
    assert response.redirect_chain == [(f"/desk/companies/{company.public_id}/", 303)]
    assert "They send files." in text(response)
    assert not reasons(company)
    assert not OutgoingEmail.objects.exists()


def test_marking_twice_is_marked_once(desk, company, told):
    for _ in range(2):
        assert desk.post(url(company, "not-listed"), {"told": told}).status_code == 303
    assert company.history.filter(subject="software_not_listed_answered").count() == 1


def test_what_they_typed_meanwhile_is_not_answered_unread(desk, company, told):
    session, _key = make_session(company)
    unlisted.tell(session=session, software="Beads", phone="", now=timezone.now())
    response = desk.post(url(company, "not-listed"), {"told": told}, follow=True)
    assert "This has changed since you opened it" in text(response)
    assert "Beads" in text(response)
    assert reasons(company) == {"not_supported"}


# ── both ─────────────────────────────────────────────────────────────────────────────────────────
PAGES = ["deletion", "not-listed"]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_request_the_page_leads_back_to_the_customer(desk, company, page):
    response = desk.get(url(company, page), follow=True)
    assert response.redirect_chain == [(f"/desk/companies/{company.public_id}/", 303)]
    assert "This is answered already" in text(response)


@pytest.mark.parametrize("page", PAGES)
def test_a_colleagues_customer_does_not_exist(bobs_desk, company, asked, told, page):
    assert bobs_desk.get(url(company, page)).status_code == 404
    assert bobs_desk.post(url(company, page)).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_other_methods_are_refused(desk, company, asked, told, page):
    assert desk.put(url(company, page)).status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_who_may_only_look_is_refused_and_shown_no_way_there(company, asked, told, page):
    viewer = make_user("Vera")
    company.owner = viewer
    company.save(update_fields=["owner"])
    client = Client()
    client.force_login(viewer)
    assert client.get(url(company, page)).status_code == 403
    assert client.post(url(company, page)).status_code == 403
    for address in ("/desk/", f"/desk/companies/{company.public_id}/"):
        assert url(company, page) not in text(client.get(address))


@pytest.mark.parametrize("page", PAGES)
def test_anonymous_is_asked_to_sign_in(client, company, page):
    assert client.get(url(company, page)).headers["Location"].startswith("/accounts/login/")

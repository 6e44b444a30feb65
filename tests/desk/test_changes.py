"""What staff change about a customer: who may, what it does, what a second press does not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from onboarding.linking.models import CodatWrite, Company, Contact, CustomerSession, Lane
from onboarding.linking.services import deletions
from tests.factories import make_invitation, make_session, restage

from .cast import connect, make_user

MANAGERS = ["rename", "address", "note"]
SENIORS = ["account-manager", "close", "reopen", "unlink", "delete"]


@pytest.fixture
def connection(company):
    return connect(company)


@pytest.fixture
def url(company, connection):
    """`url("rename")`: the address of one act on Alice's company."""
    of_connections = f"connections/{connection.public_id}/"

    def of(act):
        part = of_connections if act in ("unlink", "delete") else ""
        return f"/desk/companies/{company.public_id}/{part}{act}/"

    return of


def text(response):
    return response.content.decode()


def subjects(company, subject):
    return company.history.filter(subject=subject).count()


# ── name ─────────────────────────────────────────────────────────────────────────────────────────
def test_renaming_shows_the_new_name_and_keeps_the_old_one_in_the_history(desk, company, url):
    assert "Brook &amp; Sons Ltd" in text(desk.get(url("rename")))
    response = desk.post(url("rename"), {"true_name": "Brook Bakery"}, follow=True)
    assert response.redirect_chain == [(f"/desk/companies/{company.public_id}/", 303)]
    assert "Renamed. The connection is not affected." in text(response)
    assert "Renamed; before: Brook &amp; Sons Ltd" in text(response)
    desk.post(url("rename"), {"true_name": "Brook Bakery"})
    assert subjects(company, "renamed") == 1


def test_a_name_of_signs_only_is_refused(desk, company, url):
    response = desk.post(url("rename"), {"true_name": "…"})
    assert response.status_code == 422
    assert "Use at least one letter or number" in text(response)


# ── address ──────────────────────────────────────────────────────────────────────────────────────
NEW = {"name": "Olive Brook", "email": "olive@new.example"}


def change_address(desk, url):
    return desk.post(url("address"), NEW, follow=True)


def test_the_new_address_gets_our_mails_and_both_are_in_the_history(desk, company, url):
    old = company.primary_contact.email
    assert old in text(desk.get(url("address")))
    page = text(change_address(desk, url))
    contact = company.primary_contact
    assert (contact.email, contact.name) == (NEW["email"], NEW["name"])
    assert "Links sent before no longer work" in page
    assert f"{old} → {NEW['email']}" in page


def test_links_that_went_out_end_with_the_sessions_they_opened(desk, company, url):
    link = make_invitation(company)
    link.emails.update(sent_at=timezone.now(), due_at=None)
    make_session(company, invitation=link)
    page = text(change_address(desk, url))
    link.refresh_from_db()
    assert link.ended_why == "revoked"
    assert CustomerSession.objects.get().ended_at is not None
    assert "to an earlier address" in page


def test_a_finished_link_lets_nobody_go_on_either(desk, company, url, now):
    link = make_invitation(company, ended_at=now, ended_why="finished")
    make_session(company, invitation=link)
    change_address(desk, url)
    link.refresh_from_db()
    assert link.ended_why == "finished"
    assert CustomerSession.objects.get().ended_at is not None


def test_a_link_whose_mail_still_waits_goes_to_the_new_address(desk, company, url, now):
    link = make_invitation(company)
    link.emails.update(due_at=now + timedelta(minutes=30))
    page = text(change_address(desk, url))
    link.refresh_from_db()
    assert link.ended_at is None
    assert "to an earlier address" not in page


def test_a_mail_that_was_set_aside_is_no_problem_any_more(desk, company, url):
    link = make_invitation(company)
    link.emails.update(parked_reason="The mail server refused it", due_at=None)
    change_address(desk, url)
    link.refresh_from_db()
    assert link.ended_why == "revoked"
    assert link.emails.get().cancelled_at is not None
    assert not company.problems.open().filter(reason="mail_not_delivered").exists()


def test_a_mail_set_aside_leads_from_the_worklist_to_the_address(desk, company, url):
    link = make_invitation(company)
    link.emails.update(parked_reason="The mail server refused it", due_at=None)
    restage(company)
    page = text(desk.get("/desk/"))
    assert "Mail did not arrive" in page
    assert f'href="{url("address")}"' in page


def test_a_new_link_takes_the_place_of_one_whose_mail_was_set_aside(desk, company):
    link = make_invitation(company, created_at=timezone.now() - timedelta(minutes=2))
    link.emails.update(parked_reason="May have been sent", due_at=None)
    desk.post(f"/desk/companies/{company.public_id}/send-link/")
    assert not company.problems.open().filter(reason="mail_not_delivered").exists()


def test_the_link_of_somebody_who_helps_is_not_touched(desk, company, url):
    helper = Contact.objects.create(company=company, email="dana@field.example")
    link = make_invitation(company, "delegate", recipient=helper)
    link.emails.update(contact=helper, sent_at=timezone.now())
    change_address(desk, url)
    link.refresh_from_db()
    assert link.ended_at is None


def test_the_same_address_again_ends_nothing(desk, company, url):
    change_address(desk, url)
    link = make_invitation(company)
    assert "same as before" in text(change_address(desk, url))
    link.refresh_from_db()
    assert link.ended_at is None
    assert subjects(company, "address_changed") == 1


def test_an_address_that_is_none_is_refused(desk, company, url):
    response = desk.post(url("address"), {"email": "owner"})
    assert response.status_code == 422
    assert "Enter an e-mail address like name@example.com" in text(response)


# ── account manager ──────────────────────────────────────────────────────────────────────────────
def test_reassigning_moves_the_customer_to_somebody_elses_worklist(
    sams_desk, bobs_desk, company, bob, url
):
    page = text(sams_desk.get(url("account-manager")))
    assert "Bob" in page
    assert "(optional)" not in page, "“Nobody” is in the list"
    for _ in range(2):
        sams_desk.post(url("account-manager"), {"owner": bob.pk})
    company.refresh_from_db()
    assert company.owner == bob
    assert subjects(company, "reassigned") == 1
    assert bobs_desk.get(f"/desk/companies/{company.public_id}/").status_code == 200


def test_nobody_and_staff_may_be_chosen_but_no_stranger(sams_desk, company, url):
    stranger = make_user("Nora", is_staff=False)
    assert sams_desk.post(url("account-manager"), {"owner": stranger.pk}).status_code == 422
    assert sams_desk.post(url("account-manager"), {"owner": ""}).status_code == 303
    company.refresh_from_db()
    assert company.owner is None


# ── close and reopen ─────────────────────────────────────────────────────────────────────────────
def test_closing_asks_first_and_says_that_codat_goes_on_reading(sams_desk, company, url):
    page = text(sams_desk.get(url("close")))
    assert "Codat goes on reading" in page
    assert "request to delete" not in page
    company.refresh_from_db()
    assert company.closed_at is None


def test_closing_says_when_an_answer_is_still_owed(sams_desk, company, url):
    session, _key = make_session(company)
    deletions.ask(session=session, now=timezone.now())
    assert "There is a request to delete" in text(sams_desk.get(url("close")))


def test_closing_and_opening_twice_is_done_once(sams_desk, company, url):
    for _ in range(2):
        page = text(sams_desk.post(url("close"), follow=True))
    assert "Closed by staff. No links work." in page
    assert subjects(company, "closed") == 1
    Lane.objects.update(hinted=False, due_at=None)
    for _ in range(2):
        sams_desk.post(url("reopen"))
    company.refresh_from_db()
    assert company.closed_at is None
    assert subjects(company, "reopened") == 1
    assert Lane.objects.get(company=company).hinted, "nobody looked while it was closed"


# ── notes ────────────────────────────────────────────────────────────────────────────────────────
def test_a_note_stands_in_the_history_once(desk, company, url):
    for _ in range(2):
        page = text(desk.post(url("note"), {"text": "Called <Olive>, rings back."}, follow=True))
    assert "Called &lt;Olive&gt;, rings back." in page
    assert "Alice" in page
    assert company.history.filter(kind="note").count() == 1


def test_the_same_words_an_hour_later_are_another_note(desk, company, url):
    desk.post(url("note"), {"text": "Called."})
    company.history.filter(kind="note").update(at=timezone.now() - timedelta(hours=1))
    desk.post(url("note"), {"text": "Called."})
    assert company.history.filter(kind="note").count() == 2


@pytest.mark.parametrize("words", ["", "   ", "x" * 401])
def test_an_empty_or_endless_note_is_refused(desk, company, url, words):
    assert desk.post(url("note"), {"text": words}).status_code == 422
    assert not company.history.filter(kind="note").exists()


# ── unlink ───────────────────────────────────────────────────────────────────────────────────────
def test_unlinking_asks_first_says_what_stays_and_then_asks_codat_once(
    sams_desk, company, connection, url
):
    page = text(sams_desk.get(url("unlink")))
    assert "Unlink <bdi>Xero</bdi> for <bdi>Brook &amp; Sons Ltd</bdi>?" in page
    assert "What was read, the permission given, and the history." in page
    assert not CodatWrite.objects.exists()
    for _ in range(2):
        page = text(sams_desk.post(url("unlink"), follow=True))
    assert "Codat is asked to unlink it." in page
    assert url("unlink") not in page
    write = CodatWrite.objects.get()
    assert (write.kind, write.body) == (
        "unlink_connection",
        {"connection_id": connection.codat_id},
    )
    assert company.history.get(subject="unlink_asked").actor == "Sam"


def test_what_is_not_linked_is_not_unlinked(sams_desk, connection, url):
    connection.status = "Unlinked"
    connection.save(update_fields=["status"])
    assert "nothing to unlink" in text(sams_desk.post(url("unlink"), follow=True))
    assert not CodatWrite.objects.exists()


# ── delete ───────────────────────────────────────────────────────────────────────────────────────
def test_deleting_wants_the_name_typed_and_then_asks_codat_once(
    sams_desk, company, connection, url
):
    assert "This cannot be undone." in text(sams_desk.get(url("delete")))
    for typed in ("", "Harbour"):
        assert sams_desk.post(url("delete"), {"typed": typed}).status_code == 422
    assert not CodatWrite.objects.exists()
    for typed in ("Brook & Sons Ltd", " brook &  sons ltd"):
        page = text(sams_desk.post(url("delete"), {"typed": typed}, follow=True))
    assert "Codat is asked to delete it." in page
    assert url("delete") not in page
    write = CodatWrite.objects.get()
    assert (write.kind, write.body) == (
        "delete_with_data",
        {"connection_id": connection.codat_id},
    )
    assert company.history.get(subject="delete_asked").actor == "Sam"


def test_what_is_deleted_already_is_said_to_be(sams_desk, connection, url):
    connection.deleted_at = timezone.now()
    connection.save(update_fields=["deleted_at"])
    sent = sams_desk.post(url("delete"), {"typed": "Brook & Sons Ltd"}, follow=True)
    assert "It is deleted already." in text(sent)
    assert "Deleted at Codat" in text(sent)
    assert not CodatWrite.objects.exists()


# ── all of them ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("act", MANAGERS + SENIORS)
def test_a_colleagues_customer_does_not_exist(bobs_desk, url, act):
    assert bobs_desk.post(url(act)).status_code == 404
    assert bobs_desk.get(url(act)).status_code == (405 if act == "reopen" else 404)


@pytest.mark.parametrize("act", ["unlink", "delete"])
def test_another_customers_connection_is_404(sams_desk, company, url, act):
    other = connect(Company.objects.create(true_name="Harbour"))
    address = f"/desk/companies/{company.public_id}/connections/{other.public_id}/{act}/"
    assert sams_desk.post(address, {"typed": company.true_name}).status_code == 404


@pytest.mark.parametrize("act", SENIORS)
def test_what_seniors_do_is_refused_to_managers_and_not_offered(desk, company, url, act):
    assert desk.post(url(act)).status_code == 403
    assert url(act) not in text(desk.get(f"/desk/companies/{company.public_id}/"))


@pytest.mark.parametrize("act", [*MANAGERS, "account-manager", "close", "unlink", "delete"])
def test_a_senior_is_offered_it(sams_desk, company, url, act):
    assert url(act) in text(sams_desk.get(f"/desk/companies/{company.public_id}/"))


@pytest.mark.parametrize("act", MANAGERS)
def test_who_may_only_look_is_refused_and_not_offered(company, url, act):
    viewer = make_user("Vera")
    company.owner = viewer
    company.save(update_fields=["owner"])
    client = Client()
    client.force_login(viewer)
    assert client.get(url(act)).status_code == 403
    assert client.post(url(act)).status_code == 403
    assert url(act) not in text(client.get(f"/desk/companies/{company.public_id}/"))


@pytest.mark.parametrize("act", MANAGERS + SENIORS)
def test_other_methods_are_refused(sams_desk, url, act):
    assert sams_desk.put(url(act)).status_code == 405


@pytest.mark.parametrize("act", MANAGERS + SENIORS)
def test_anonymous_is_asked_to_sign_in(client, url, act):
    assert client.post(url(act)).headers["Location"].startswith("/accounts/login/")

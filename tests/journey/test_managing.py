"""Disconnecting, asking to delete, and the permission to keep: with a link opened just now."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import (
    CodatInstance,
    CodatWrite,
    Connection,
    Invitation,
    OutgoingEmail,
)
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import consents, deletions
from onboarding.linking.stages import Reason
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db

NEWS = {"connected", "first_read_done"}


@pytest.fixture
def connection(company, xero, qbo):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.make_operation(connection, "company")
    factories.restage(company)
    return connection


def address(page, company, *more):
    return reverse(f"journey:{page}", args=[company.public_id, *more])


@pytest.fixture
def disconnect(company, connection):
    return address("disconnect", company, connection.public_id)


def unlinked_at_codat(connection):
    """As `recording` leaves a connection that Codat has unlinked."""
    now = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(status="Unlinked", status_changed_at=now)
    connection.company.writes.update(done_at=now, outcome="done")
    factories.restage(connection.company)


def planned(company):
    """What is mailed besides the good news that the connection was given."""
    return set(company.emails.values_list("kind", flat=True)) - NEWS


# ── disconnect ───────────────────────────────────────────────────────────────────────────────────
def test_the_question_says_what_stays_and_disconnects_nothing(customer, disconnect, company):
    page = customer.get(disconnect)
    assert seen.heading(page) == "Disconnect Xero?"
    assert "Northbank keeps what it has already read" in seen.text(page)
    assert {"Disconnect Xero", "Keep Xero"} <= set(seen.buttons(page))
    assert not company.writes.exists()


def test_the_button_asks_codat_to_unlink_and_says_how_it_stands(
    customer, disconnect, company, connection
):
    response = customer.post(disconnect)
    assert response.status_code == 303
    write = company.writes.get()
    assert (write.kind, write.body) == (
        "unlink_connection",
        {"connection_id": connection.codat_id},
    )
    page = customer.get(response["Location"])
    assert seen.heading(page) == "We are disconnecting Xero"
    assert "Check again" in seen.text(page)
    assert seen.primary_buttons(page) == ["Your connections"]
    assert "Xero Disconnecting" in seen.text(customer.get(address("connections", company)))
    unlinked_at_codat(connection)
    page = customer.get(response["Location"])
    assert seen.heading(page) == "Xero is disconnected"
    assert "Reconnect Xero" in seen.buttons(page)


def test_a_second_press_asks_once(customer, disconnect, company):
    customer.post(disconnect)
    customer.post(disconnect)
    assert company.writes.count() == 1
    assert company.history.filter(subject="unlink_asked").count() == 1


def test_who_disconnects_is_told_so_and_never_that_access_was_lost(
    customer, disconnect, company, connection
):
    customer.post(disconnect)
    unlinked_at_codat(connection)
    assert planned(company) == {"disconnected"}
    assert set(company.problems.open().values_list("reason", flat=True)) == {Reason.DISCONNECTED}
    page = customer.get(address("connections", company))
    assert "Xero Disconnected" in seen.text(page)
    assert "Reconnect Xero" in seen.buttons(page)
    progress = customer.get(address("progress", company))
    assert seen.heading(progress) == "Xero is disconnected"


def test_a_loss_after_connecting_again_counts_as_a_loss(customer, disconnect, company, connection):
    customer.post(disconnect)
    unlinked_at_codat(connection)
    now = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(
        status="Deauthorized", linked_last_at=now, status_changed_at=now
    )
    factories.restage(company)
    assert "access_lost" in planned(company)
    assert set(company.problems.open().values_list("reason", flat=True)) == {Reason.ACCESS_LOST}


def test_the_mail_says_what_stays_and_how_to_return(customer, disconnect, company, connection):
    customer.post(disconnect)
    unlinked_at_codat(connection)
    assert emails.send(OutgoingEmail.objects.get(kind="disconnected").pk, now=timezone.now())
    sent = mail.outbox[0]
    assert sent.subject == "Xero is disconnected"
    assert "What was read before stays" in sent.body
    assert "/i/" in sent.body


def test_the_mail_is_not_sent_to_who_has_connected_again(customer, disconnect, company, connection):
    customer.post(disconnect)
    unlinked_at_codat(connection)
    Connection.objects.filter(pk=connection.pk).update(status="Linked")
    assert not emails.send(
        OutgoingEmail.objects.exclude(kind__in=NEWS).get().pk, now=timezone.now()
    )


def test_what_is_not_connected_cannot_be_disconnected(customer, company, xero):
    pending = factories.make_connection(company)
    response = customer.post(address("disconnect", company, pending.public_id))
    assert response["Location"] == address("disconnected", company, pending.public_id)
    assert not company.writes.exists()


def test_another_business_connection_is_not_found(customer, company, xero):
    other = factories.make_connection(factories.make_company("Harbour Cafe Ltd"), status="Linked")
    for page in ("disconnect", "disconnected"):
        assert customer.get(address(page, company, other.public_id)).status_code == 404


# ── who may ──────────────────────────────────────────────────────────────────────────────────────
def session(client, company, purpose, *, link_age=0, age=0):
    now = timezone.now()
    link = factories.make_invitation(company, purpose)
    Invitation.objects.filter(pk=link.pk).update(created_at=now - timedelta(minutes=age + link_age))
    link.refresh_from_db()
    made, client.cookies["journey"] = factories.make_session(
        company, purpose=purpose, invitation=link, now=now - timedelta(minutes=age)
    )
    return made


@pytest.mark.parametrize(
    "case",
    [
        (Purpose.SIGN_IN, 1, 20, True),
        (Purpose.SIGN_IN, 60 * 24, 0, False),
        (Purpose.ONBOARD, 60 * 24, 14, True),
        (Purpose.ONBOARD, 60 * 24, 16, False),
        (Purpose.RELINK, 1, 1, False),
    ],
)
def test_only_a_link_opened_just_now_may_harm(client, company, disconnect, case):
    purpose, link_age, age, may = case
    session(client, company, purpose, link_age=link_age, age=age)
    for url in (disconnect, address("ask_to_delete", company)):
        for send in (client.get, client.post):
            page = send(url)
            assert (page.status_code != 403) == may
            if not may:
                assert seen.heading(page) == "Open a new link first"
                assert seen.primary_buttons(page) == ["E-mail me a link"]
                assert "owner@brook.example" not in seen.text(page)
    assert company.writes.exists() == may


def test_the_link_to_manage_with_goes_to_the_address_on_file_once(client, company, connection):
    session(client, company, Purpose.RELINK)
    Invitation.objects.update(created_at=timezone.now() - timedelta(hours=1))
    for said in ("We sent a new link to", "A link is already on its way to"):
        page = client.post(address("sign_in_link", company))
        assert seen.heading(page) == f"{said} o•••@b••••.example"
    assert company.emails.filter(kind="sign_in").count() == 1


# ── delete ───────────────────────────────────────────────────────────────────────────────────────
def test_asking_to_delete_reaches_the_desk_and_deletes_nothing(customer, company, connection):
    url = address("ask_to_delete", company)
    page = customer.get(url)
    assert seen.heading(page) == "Ask Northbank to delete what it has read"
    assert {"Send request", "Keep everything"} <= set(seen.buttons(page))
    assert "Back" in seen.text(page)
    assert not company.problems.open().exists()
    for _ in range(2):
        assert customer.post(url)["Location"] == url
    page = customer.get(url)
    assert seen.heading(page) == "We have your request to delete"
    assert "Back" not in seen.text(page)
    assert company.problems.open().get().reason == Reason.DELETION_ASKED
    assert company.history.filter(subject="deletion_asked").count() == 1
    assert planned(company) == {"deletion_asked"}
    assert not company.writes.exists()
    assert "Your request to delete" in seen.text(customer.get(address("connections", company)))


@pytest.mark.parametrize("status", ["Linked", "Unlinked"])
def test_that_software_stays_connected_is_said_where_some_is(customer, company, connection, status):
    company.connections.update(status=status)
    words = seen.text(customer.get(address("ask_to_delete", company)))
    assert ("Your software stays connected" in words) == (status == "Linked")


def test_the_request_is_confirmed_by_mail(customer, company, connection):
    customer.post(address("ask_to_delete", company))
    assert emails.send(OutgoingEmail.objects.exclude(kind__in=NEWS).get().pk, now=timezone.now())
    assert mail.outbox[0].subject == "We have your request to delete"
    assert company.reference in mail.outbox[0].body
    assert "We answer by" in mail.outbox[0].body


def test_an_answer_of_staff_ends_the_request(customer, company, connection, alice):
    customer.post(address("ask_to_delete", company))
    deletions.answer(company=company, by=alice, now=timezone.now())
    assert not company.problems.open().exists()
    page = customer.get(address("ask_to_delete", company))
    assert seen.heading(page) == "Ask Northbank to delete what it has read"


# ── the permission ───────────────────────────────────────────────────────────────────────────────
def test_the_receipt_shows_the_words_as_they_were_given(customer, company, connection, xero):
    session, _key = factories.make_session(company)
    wording = consents.wording_for(platform=xero, language="en", firm_name="Northbank")
    given = consents.record(session=session, platform=xero, wording=wording, now=timezone.now())
    given.text = "Why we ask\nBecause."
    given.save(update_fields=["text"])
    page = customer.get(address("connections", company))
    assert "Download your permission – Xero" in seen.buttons(page)
    receipt = customer.get(address("receipt", company, "gbol"))
    assert seen.heading(receipt).startswith("Your permission of ")
    words = seen.text(receipt)
    for expected in ("Because.", "Brook & Sons Ltd", "Xero", company.reference, "How to stop"):
        assert expected in words
    assert "print it or save it with the menu of your browser" in words
    assert 'data-print="Print or save"' in receipt.content.decode()


def test_there_is_no_receipt_for_what_was_never_permitted(customer, company, connection):
    assert customer.get(address("receipt", company, "gbol")).status_code == 404
    assert "Download your permission" not in seen.text(
        customer.get(address("connections", company))
    )


# ── your connections ─────────────────────────────────────────────────────────────────────────────
def listed(customer, company):
    page = customer.get(address("connections", company))
    return seen.text(page), seen.buttons(page)


def polled(customer, url):
    return customer.get(url, headers={"HX-Request": "true", "HX-Target": "disconnected_status"})


def test_the_page_that_waits_for_the_end_looks_by_itself_until_it_is_there(
    customer, disconnect, company, connection
):
    url = customer.post(disconnect)["Location"]

    page = customer.get(url).content.decode()
    assert 'id="disconnected_status" hx-get=' in page
    part = polled(customer, url)
    assert "<h1" not in part.content.decode()
    assert "Check again" in part.content.decode()
    unlinked_at_codat(connection)
    assert polled(customer, url)["HX-Redirect"] == url


def test_each_connection_says_when_it_was_read_and_is_read_next(customer, company, connection):
    now = timezone.now()
    CodatInstance.objects.create(client_id="ours", seen_at=now, read_every={"company": 24})
    Connection.objects.update(stage="ready", last_read_at=now)

    words, _buttons = listed(customer, company)
    for expected in ("First connected", "Last read", "Next read"):
        assert expected in words
    CodatInstance.objects.update(read_every={})
    assert "Next read" not in listed(customer, company)[0]


def test_software_on_a_computer_is_read_when_that_is_on_so_no_time_is_named(
    customer, company, connection, xero
):
    CodatInstance.objects.create(
        client_id="ours", seen_at=timezone.now(), read_every={"company": 24}
    )
    xero.is_offline = True
    xero.save(update_fields=["is_offline"])

    assert "Next read" not in listed(customer, company)[0]


def test_trouble_with_reading_is_told_in_words_and_never_in_codats(customer, company, connection):
    error = {"statusCode": "500", "errorMessage": "Internal boom", "status": "Active"}
    Connection.objects.update(errors=[error])

    words, buttons = listed(customer, company)
    assert "Xero Needs attention" in words
    assert "Xero reports trouble with the last reading. We keep trying" in words
    assert "boom" not in words
    assert "Disconnect – Xero" in buttons


def test_what_was_never_finished_can_be_continued(customer, company, xero):
    factories.make_connection(company)

    words, buttons = listed(customer, company)
    assert "Xero Not finished" in words
    assert "Nothing was shared." in words
    assert "Continue with Xero" in buttons


def test_what_is_read_once_says_so(customer, company, connection):
    Connection.objects.update(one_time=True, status="Deauthorized", stage="ready")

    words, buttons = listed(customer, company)
    assert "Xero Read once" in words
    assert "It was read once and has disconnected, as planned." in words
    assert not [each for each in buttons if "Reconnect" in each]


def test_what_was_deleted_at_codat_is_listed_until_something_takes_its_place(
    customer, company, connection
):
    Connection.objects.update(deleted_at=timezone.now())

    words, buttons = listed(customer, company)
    assert "Xero Disconnected" in words
    assert "We no longer read from it." in words
    assert "deleted" not in words
    assert "Connect Xero again" in buttons
    factories.make_connection(company)
    words, buttons = listed(customer, company)
    assert "Connect Xero again" not in buttons
    assert "Continue with Xero" in buttons


def test_what_was_deleted_with_what_was_read_says_so(customer, company, connection):
    now = timezone.now()
    Connection.objects.update(deleted_at=now)
    CodatWrite.objects.create(
        company=company,
        kind=CodatWrite.Kind.DELETE_WITH_DATA,
        target=connection.codat_id,
        key_made_at=now,
        due_at=now,
        done_at=now,
        outcome=CodatWrite.Outcome.DONE,
    )

    words, _buttons = listed(customer, company)
    assert "We no longer read from it. What was read was deleted." in words


def test_what_was_begun_and_deleted_by_us_is_not_listed(customer, company, connection, qbo):
    factories.make_connection(
        company, "qhyg", platform_name="QuickBooks Online", deleted_at=timezone.now()
    )

    assert "QuickBooks" not in listed(customer, company)[0]


def test_signing_out_closes_every_page_in_this_browser(customer, company, connection):
    assert "Sign out" in listed(customer, company)[1]
    customer.post(address("sign_out", company))

    assert customer.get(address("connections", company)).status_code == 404

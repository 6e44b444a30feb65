"""What can be said of a business besides yes and no, and who may see it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking.models import CustomerSession
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def progress(company, xero):
    return f"/journey/{company.public_id}/progress/"


@pytest.fixture
def alone(client, company):
    """A browser whose person began alone: nobody at the firm has named them."""
    channel = CustomerSession.Channel.SELF_SERVICE
    client.session_row, client.cookies["journey"] = factories.make_session(company, channel=channel)
    return client


def linked(company, *, ago=timedelta(minutes=5), **fields):
    at = timezone.now() - ago
    times = {"linked_first_at": at, "linked_last_at": at}
    return factories.make_connection(company, status="Linked", **times | fields)


def hop(connection, session, *, back=True, **ago):
    sent = connection.linked_last_at - timedelta(seconds=30) - timedelta(**ago)
    return session.attempts.create(
        connection=connection,
        state_hash=f"{connection.pk}-{sent}",
        sent_at=sent,
        returned_at=sent + timedelta(seconds=40) if back else None,
    )


def stopped(company, **answer):
    connection = factories.make_connection(company, status="Unlinked")
    earlier = timezone.now() - timedelta(days=30)
    before = factories.make_identity(connection, linked_at=earlier, confirmed_at=earlier)
    answer |= {"compared": "different", "compared_with": before, "rejected_at": timezone.now()}
    found = factories.make_identity(connection, "Harbour Cafe", **answer)
    factories.restage(company)
    return found


# ── connected elsewhere ──────────────────────────────────────────────────────────────────────────
def test_what_came_back_to_this_browser_is_asked_here(alone, company, progress):
    connection = linked(company)
    hop(connection, alone.session_row)
    factories.make_identity(connection)
    factories.restage(company)
    assert alone.get(progress)["Location"].endswith("/confirm/")


def test_what_a_connector_connected_is_not_said_to_be_read_still_once_it_is_known(
    alone, company, progress
):
    sage = factories.make_platform("hbql", "Sage 50", is_offline=True)
    connection = linked(company, ago=timedelta(seconds=20), platform_key=sage.key)
    factories.restage(company)
    assert "Reading your business name" in seen.heading(alone.get(progress))

    factories.make_identity(connection)
    assert "was connected outside this browser" in seen.heading(alone.get(progress))


@pytest.mark.parametrize("hops", ["none", "still out", "sent again since"])
def test_what_was_connected_elsewhere_is_named_to_nobody_who_began_alone(
    alone, company, progress, hops
):
    connection = linked(company)
    if hops == "still out":
        hop(connection, alone.session_row, back=False)
    elif hops == "sent again since":
        hop(connection, alone.session_row, minutes=5)
        hop(connection, alone.session_row, back=False)
    found = factories.make_identity(connection, "Harbour Cafe")
    factories.restage(company)

    page = alone.get(progress)
    assert seen.heading(page) == "Xero was connected outside this browser"
    assert seen.primary_buttons(page) == ["Send me a link"]
    assert "Harbour" not in page.content.decode()
    confirm = f"/journey/{company.public_id}/confirm/"
    for answer in ("yes", "no"):
        response = alone.post(confirm, {"identity": found.public_id, "answer": answer})
        assert response["Location"] == progress
    found.refresh_from_db()
    assert (found.confirmed_at, found.rejected_at) == (None, None)


def test_the_browser_that_left_has_a_moment_to_come_back(alone, company, progress):
    connection = linked(company, ago=timedelta(seconds=10))
    hop(connection, alone.session_row, back=False)
    factories.make_identity(connection, "Harbour Cafe")
    factories.restage(company)
    page = alone.get(progress)
    assert seen.heading(page) == "Reading your business name from Xero"
    assert "Harbour" not in page.content.decode()


def test_who_came_by_a_mailed_link_is_asked_whose_it_is(customer, company, progress):
    factories.make_identity(linked(company), "Harbour Cafe")
    factories.restage(company)
    assert customer.get(progress)["Location"].endswith("/confirm/")


def test_what_a_helper_connected_is_not_named_to_who_began_alone(alone, company, progress):
    connection = linked(company, ago=timedelta(seconds=10))
    helper, _key = factories.make_session(company, purpose="delegate")
    hop(connection, helper)
    factories.make_identity(connection, "Harbour Cafe")
    factories.restage(company)
    assert seen.heading(alone.get(progress)) == "Xero was connected outside this browser"


# ── another business on a reconnect ──────────────────────────────────────────────────────────────
def test_another_business_is_shown_with_both_names(customer, company, progress):
    stopped(company)
    page = customer.get(progress)
    assert seen.heading(page) == "This is a different business"
    words = seen.text(page)
    assert "Before, you connected Brook & Sons . This time Xero sent Harbour Cafe ." in words
    assert seen.primary_buttons(page) == ["Choose Brook & Sons in Xero"]
    assert "It is the same business" in seen.buttons(page)


def test_another_business_that_was_connected_elsewhere_is_not_named(alone, company, progress):
    stopped(company)
    page = alone.get(progress)
    assert seen.heading(page) == "This is a different business"
    assert "Harbour" not in page.content.decode()
    assert "It is the same business" not in seen.buttons(page)
    alone.post(f"/journey/{company.public_id}/confirm/same-business/")
    assert not company.history.filter(subject="same_business").exists()


def test_it_is_the_same_business_is_told_to_staff_once_and_opens_nothing(
    customer, company, progress
):
    found = stopped(company)
    for _ in range(2):
        customer.post(f"/journey/{company.public_id}/confirm/same-business/")
    found.refresh_from_db()
    assert found.claimed_at
    assert found.rejected_at
    assert company.history.filter(subject="same_business").count() == 1
    page = customer.get(progress)
    assert seen.heading(page) == "You told us that it is the same business"
    assert "We will look at it and e-mail" in seen.text(page)


# ── no name in time ──────────────────────────────────────────────────────────────────────────────
def test_who_waits_for_a_name_in_vain_may_go_on_and_is_asked_later(customer, company, progress):
    connection = linked(company)
    hop(connection, factories.make_session(company)[0])
    factories.restage(company)
    later = f"/journey/{company.public_id}/confirm/later/"
    for _ in range(2):
        response = customer.post(later, follow=True)
    assert "We will e-mail you when there is a name to check." in seen.text(response)
    assert company.history.filter(subject="name_later").count() == 1
    assert "identity_unknown" in {p.reason for p in company.problems.open()}

    factories.make_identity(connection)
    factories.restage(company)
    factories.restage(company)
    assert company.emails.filter(kind="name_to_confirm").count() == 1


def test_nobody_goes_on_from_a_page_that_is_not_slow(customer, company, progress):
    linked(company, ago=timedelta(seconds=5))
    factories.restage(company)
    response = customer.post(f"/journey/{company.public_id}/confirm/later/")
    assert response["Location"] == progress
    assert not company.history.filter(subject="name_later").exists()


# ── what stands beside the name ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("BROOK & SONS LTD", "Only capital letters differ"),
        ("Brook and Sons Ltd.", "Only signs such as dots and commas differ"),
        ("Brook & Sons Limited", "Only the legal form"),
        ("Brooke & Sons", "It is spelt a little differently"),
    ],
)
def test_a_small_difference_is_named(customer, company, name, words):
    factories.make_identity(linked(company), name, legal_name="")
    factories.restage(company)
    page = customer.get(f"/journey/{company.public_id}/confirm/")
    assert words in seen.text(page)
    assert seen.primary_buttons(page) == ["Yes, this is us"]


def test_a_relink_without_numbers_shows_what_was_connected_before(customer, company):
    connection = linked(company)
    earlier = timezone.now() - timedelta(days=30)
    before = factories.make_identity(connection, linked_at=earlier, confirmed_at=earlier)
    factories.make_identity(connection, "Harbour Cafe", compared="unknown", compared_with=before)
    factories.restage(company)
    words = seen.text(customer.get(f"/journey/{company.public_id}/confirm/"))
    assert "Xero does not tell us whether it is the same business as before." in words
    assert "Name before Brook & Sons" in words


@pytest.fixture
def bank(company):
    connection = linked(company, platform_name="Plaid", source_type="Banking")
    nothing = {"legal_name": "", "registration_number": "", "town": ""}
    found = factories.make_identity(connection, "", **nothing)
    factories.restage(company)
    return found


def test_a_bank_asks_who_holds_the_account(customer, company, bank):
    url = f"/journey/{company.public_id}/confirm/"
    page = customer.post(url, {"identity": bank.public_id, "answer": "yes"})
    assert page.status_code == 422
    assert seen.errors(page) == ["Enter the name on the account"]

    answer = {"identity": bank.public_id, "answer": "yes", "account_holder": " Olive  Brook "}
    customer.post(url, answer)
    bank.refresh_from_db()
    assert (bank.account_holder, bank.confirmed_at is not None) == ("Olive Brook", True)


def test_of_a_wrong_account_nobody_need_know_the_holder(customer, company, bank):
    url = f"/journey/{company.public_id}/confirm/"
    customer.post(url, {"identity": bank.public_id, "answer": "no"})
    bank.refresh_from_db()
    assert bank.rejected_at

import secrets
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import stages
from onboarding.linking.models import Category, LinkAttempt
from onboarding.linking.services.invitations import key_hash
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db
POLL = {"HX-Request": "true", "HX-Target": "progress_status"}


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:progress", args=[company.public_id])


def hop(connection, *, hint="", returned=True, sent_at=None):
    """One hop to the software and, unless said otherwise, the way back."""
    sent_at = sent_at or timezone.now()
    session, _key = factories.make_session(connection.company)
    return LinkAttempt.objects.create(
        session=session,
        connection=connection,
        state_hash=key_hash(secrets.token_hex()),
        sent_at=sent_at,
        returned_at=sent_at if returned else None,
        return_hint=hint,
    )


@pytest.mark.parametrize(
    "case",
    [
        ("200", "We are checking with Xero", "Check again"),
        ("201", "Nothing was changed at Xero", "Go to Xero"),
        ("403", "Xero is not connected yet", "Try Xero again"),
        ("500", "Xero could not connect", "Try Xero again"),
        ("501", "We cannot connect this kind of Xero yet", "Send files"),
        ("", "Did you finish at Xero ?", "Check again"),
    ],
)
def test_each_way_back_has_its_own_words_and_next_step(customer, url, company, case):
    hint, heading, primary = case
    hop(factories.make_connection(company), hint=hint)
    page = customer.get(url)
    assert page.status_code == 200
    assert seen.heading(page) == heading
    assert seen.primary_buttons(page) == [primary]
    assert seen.title(page).endswith("Northbank")
    assert page["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", ["PendingAuth", "Linked", "Linked, and the name is read"])
@pytest.mark.parametrize("hint", ["200", "201", "403", "500", "501", ""])
def test_each_way_back_shows_a_reference_to_copy(customer, url, company, hint, status):
    connection = factories.make_connection(company, status=status.partition(",")[0])
    if "name" in status:
        factories.make_identity(connection)
    hop(connection, hint=hint)
    factories.restage(company)
    page = customer.get(url, follow=True)
    assert f"Reference {company.reference}" in seen.text(page)
    assert f'data-copied="Copied">{company.reference}</code>' in page.content.decode()
    assert "js/portal.js" in page.content.decode()
    assert "help@northbank.example" in page.content.decode()


def test_who_is_back_before_the_software_told_us_may_go_and_is_mailed(customer, url, company):
    hop(factories.make_connection(company), hint="200")
    assert "We will e-mail o•••@b••••.example when it is connected." in seen.text(customer.get(url))


def test_no_line_ends_within_the_word_e_mail(customer, url, company):
    hop(factories.make_connection(company), hint="200")
    page = customer.get(url).content.decode()
    assert "e\u2011mail <bdi>" in page
    assert "e-mail <bdi>" not in page


def test_where_an_administrator_is_needed_somebody_else_can_be_asked(customer, url, company):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.make_operation(connection, "company", "Complete")
    factories.make_operation(connection, "invoices", "PermissionsError")
    factories.restage(company)
    page = customer.get(url)
    assert seen.heading(page) == "Xero needs an administrator"
    assert seen.primary_buttons(page) == ["Someone else has the login"]
    address = reverse("journey:hand_over", args=[company.public_id, connection.platform_key])
    assert f'href="{address}"' in page.content.decode()
    assert customer.get(address).status_code == 200


def test_a_failure_that_codat_reports_beats_the_redirects_word(customer, url, company):
    later = timezone.now() + timedelta(seconds=5)
    failure = {"statusCode": "403", "erroredOnUtc": later.isoformat(), "status": None}
    hop(factories.make_connection(company, errors=[failure]), hint="200")
    assert seen.heading(customer.get(url)) == "Xero is not connected yet"


@pytest.mark.parametrize("at", ["2020-01-01T00:00:00Z", None], ids=["earlier", "unreadable"])
def test_a_failure_that_may_be_of_an_earlier_hop_is_not_told_again(customer, url, company, at):
    failure = {"statusCode": "403", "erroredOnUtc": at, "status": None}
    hop(factories.make_connection(company, errors=[failure]), hint="200")
    assert seen.heading(customer.get(url)) == "We are checking with Xero"


def test_a_failure_in_the_second_of_the_hop_counts_for_codat_may_cut_seconds(
    customer, url, company, now
):
    failure = {"statusCode": "403", "erroredOnUtc": f"{now:%Y-%m-%dT%H:%M:%S}Z", "status": None}
    hop(factories.make_connection(company, errors=[failure]), hint="200")
    LinkAttempt.objects.update(sent_at=now.replace(microsecond=999_999))
    assert seen.heading(customer.get(url)) == "Xero is not connected yet"


def test_linked_beats_a_redirect_that_says_cancelled(customer, url, company):
    now = timezone.now()
    connection = factories.make_connection(
        company, status="Linked", linked_first_at=now, linked_last_at=now
    )
    hop(connection, hint="403")
    factories.restage(company)
    assert seen.heading(customer.get(url)) == "Reading your business name from Xero"


def test_a_name_that_takes_long_is_not_waited_for_in_silence(customer, url, company):
    factories.make_connection(company, status="Linked")
    factories.restage(company)
    page = customer.get(url)
    assert seen.heading(page) == "Xero is taking longer than usual"
    assert "Carry on, ask me later" in seen.buttons(page)


def test_coming_back_without_a_change_to_what_was_connected(customer, url, company):
    connection = factories.make_connection(company, status="Linked")
    hop(connection, hint="201")
    factories.restage(company)
    assert seen.heading(customer.get(url)) == "Xero is already connected"


def test_who_signed_in_again_to_what_was_linked_waits_for_the_name_anew(customer, url, company):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    attempt = hop(connection, hint="201")
    attempt.was_linked = True
    attempt.save(update_fields=["was_linked"])
    factories.restage(company)
    page = customer.get(url)
    assert seen.heading(page) == "Reading your business name from Xero"
    assert "hx-get" in page.content.decode()


def test_a_name_to_confirm_leads_to_the_question(customer, url, company):
    factories.make_identity(factories.make_connection(company, status="Linked"))
    factories.restage(company)
    confirm = f"/journey/{company.public_id}/confirm/"
    assert customer.get(url)["Location"] == confirm
    assert customer.get(url, headers=POLL)["HX-Redirect"] == confirm


@pytest.fixture
def reading(company):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    for data_type, status in [
        ("company", "Complete"),
        ("invoices", "Complete"),
        ("bills", "Fetching"),
        ("bankTransactions", "Queued"),
        ("payments", "FetchError"),
        ("suppliers", "AuthError"),
        ("purchaseOrders", "NotSupported"),
    ]:
        factories.make_operation(connection, data_type, status)
    factories.restage(company)
    return connection


def test_reading_is_told_per_kind_in_words_and_never_in_per_cent(customer, url, reading):
    page = customer.get(url)
    assert seen.heading(page) == "We are reading your information"
    words = seen.text(page)
    assert "2 of 6 finished" in words
    for line in (
        "Business details Done",
        "Bills you get Reading",
        "Bank movements Waiting",
        "Payments in Trying again",
        "Suppliers Needs you",
        "Purchase orders Not offered",
    ):
        assert line in words
    assert "%" not in words
    assert "You may close this page." in words
    assert "We will e-mail o•••@b••••.example" in words
    assert "owner@brook.example" not in words


def test_the_newest_read_of_a_kind_counts(customer, url, reading):
    factories.make_operation(reading, "bills", "Complete")
    assert "3 of 6 finished" in seen.text(customer.get(url))


def test_the_fragment_holds_the_list_and_says_the_sentence(customer, url, reading):
    fragment = customer.get(url, {"at": "reading", "looks": "0"}, headers=POLL)
    body = fragment.content.decode()
    assert "<html" not in body
    assert 'id="progress_status"' in body
    assert 'data-say="2 of 6 finished"' in body
    assert "HX-Request" in fragment["Vary"]
    assert fragment["Cache-Control"] == "no-store"


def test_a_poll_about_something_that_has_passed_fetches_the_page(customer, url, reading):
    response = customer.get(url, {"at": "naming", "looks": "1"}, headers=POLL)
    assert response["HX-Redirect"] == url


def test_going_back_in_history_gets_the_whole_page(customer, url, reading):
    restore = {**POLL, "HX-History-Restore-Request": "true"}
    assert "<html" in customer.get(url, headers=restore).content.decode()


def test_a_poll_costs_a_fixed_number_of_queries(
    customer, url, reading, django_assert_max_num_queries
):
    with django_assert_max_num_queries(14):
        customer.get(url, {"at": "reading"}, headers=POLL)
    for number in range(20):
        factories.make_operation(reading, f"kind-{number}", "Fetching")
    with django_assert_max_num_queries(14):
        customer.get(url, {"at": "reading"}, headers=POLL)


def test_looking_at_the_page_asks_for_a_look_and_polling_does_not(customer, url, reading, company):
    company.codat_id = "company-1"
    company.save(update_fields=["codat_id"])
    company.lane.hinted = False
    company.lane.save(update_fields=["hinted"])
    customer.get(url, {"at": "reading"}, headers=POLL)
    company.lane.refresh_from_db()
    assert not company.lane.hinted
    customer.get(url)
    company.lane.refresh_from_db()
    assert company.lane.hinted


def ready(company):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.make_operation(connection, "company")
    factories.restage(company)
    return connection


def test_what_is_all_read_leads_to_done(customer, url, company):
    ready(company)
    assert customer.get(url)["Location"] == f"/journey/{company.public_id}/done/"


def test_with_something_else_still_needed_it_says_so(customer, url, company):
    Category.objects.filter(slug="banking").update(required=True)
    ready(company)
    page = customer.get(url)
    assert seen.heading(page) == "We have read what we need from Xero"
    assert seen.primary_buttons(page) == ["Carry on"]


def another_business(company, status):
    connection = factories.make_connection(company, status=status)
    factories.make_identity(connection, "Harbour Cafe", rejected_at=timezone.now())
    factories.restage(company)


def test_another_business_was_disconnected_in_words(customer, url, company):
    another_business(company, "Unlinked")
    page = customer.get(url)
    assert seen.heading(page) == "We have disconnected Harbour Cafe"
    assert "Now choose Brook & Sons Ltd when Xero asks." in seen.text(page)
    assert seen.primary_buttons(page) == ["Try Xero again"]


def test_until_another_business_is_disconnected_the_page_waits(customer, url, company):
    another_business(company, "Linked")
    page = customer.get(url)
    assert seen.heading(page) == "We are disconnecting Harbour Cafe"
    assert "Check again" in seen.text(page)
    assert seen.primary_buttons(page) == []


def test_a_new_hop_after_another_business_tells_how_that_went(customer, url, company, ago):
    connection = factories.make_connection(company, status="Unlinked")
    factories.make_identity(connection, "Harbour Cafe", rejected_at=ago(minutes=1))
    hop(connection, hint="403")
    page = customer.get(url)
    assert seen.heading(page) == "Xero is not connected yet"
    assert "Everything is as it was." in seen.text(page)


def test_a_permission_that_ended_offers_to_reconnect(customer, url, company):
    connection = factories.make_connection(company, status="Deauthorized")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.restage(company)
    page = customer.get(url)
    assert seen.heading(page) == "Xero has ended the permission"
    assert seen.primary_buttons(page) == ["Reconnect Xero"]


def test_with_nothing_begun_it_leads_to_choosing(customer, url, company):
    assert customer.get(url)["Location"] == f"/journey/{company.public_id}/software/"


def test_after_a_hop_the_page_stays_open_longer_than_the_session(client, company, url, ago):
    _session, client.cookies["journey"] = factories.make_session(company, now=ago(hours=2))
    LinkAttempt.objects.create(
        session=_session,
        connection=factories.make_connection(company),
        state_hash=key_hash("state"),
        sent_at=ago(hours=1),
    )
    assert client.get(url).status_code == 200
    assert client.get(f"/journey/{company.public_id}/software/").status_code == 403


def test_names_are_escaped_wherever_they_stand(client, xero, qbo):
    company = factories.make_company("<i>Brook</i> {email} %(x)s")
    _session, client.cookies["journey"] = factories.make_session(company)
    connection = factories.make_connection(
        company, status="Unlinked", platform_name="{business}<b>"
    )
    factories.make_identity(connection, "<script>{found}", rejected_at=timezone.now())
    page = client.get(reverse("journey:progress", args=[company.public_id]))
    assert seen.heading(page) == "We have disconnected <script>{found}"
    assert "<script>" not in page.content.decode()
    assert "<i>" not in page.content.decode()


def test_every_state_of_a_data_type_has_a_word():
    from onboarding.journey.tags import READING_TAGS  # noqa: PLC0415 - only this test needs it

    assert set(READING_TAGS) == set(stages.Reading)


def test_every_kind_of_progress_has_words_or_a_page_of_its_own():
    from onboarding.journey.standing import OTHER_PAGES, Kind  # noqa: PLC0415 - as above
    from onboarding.journey.wording import PAGES  # noqa: PLC0415 - as above

    assert set(PAGES) | set(OTHER_PAGES) == set(Kind)
    assert not set(PAGES) & set(OTHER_PAGES)


def test_a_page_whose_question_comes_next_asks_more_often(customer, url, company):
    connection = factories.make_connection(company, status="Linked", linked_last_at=timezone.now())
    hop(connection, hint="200")
    factories.restage(company)
    assert "delay:1s" in customer.get(f"{url}?looks=5").content.decode()

    identity = factories.make_identity(connection)
    identity.confirmed_at = identity.read_at
    identity.save(update_fields=["confirmed_at"])
    factories.make_operation(connection, status="Fetching")
    factories.restage(company)
    assert "delay:3s" in customer.get(f"{url}?looks=5").content.decode()


def test_the_page_says_how_much_is_connected_and_its_polls_do_not_ask(
    customer, url, reading, xero, shopify
):
    assert "1 of 2 kinds of software connected" in seen.text(customer.get(url))
    part = customer.get(url, {"at": "reading"}, headers=POLL).content.decode()
    assert "of 2 kinds of software connected" not in part

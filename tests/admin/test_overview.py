"""The first page of the administration: the funnel, connections by status, and health."""

import csv
from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking.models import (
    CodatWrite,
    Connection,
    Consent,
    CustomerSession,
    HistoryEntry,
    Lane,
    LinkAttempt,
    Pause,
    Problem,
)
from onboarding.linking.services import overview
from tests.factories import make_company, make_connection, make_identity, make_session

pytestmark = pytest.mark.usefixtures("real_redis")

STEPS = list(overview.STEPS)


def text(response):
    return response.content.decode()


def came_as_far_as(step, *, owner=None, days_ago=2):
    """A company whose customer reached each step ten seconds after the one before."""
    began = timezone.now() - timedelta(days=days_ago)
    company = make_company(owner=owner)
    session, _key = make_session(company)
    CustomerSession.objects.filter(pk=session.pk).update(created_at=began)
    at = [began + timedelta(seconds=10 * n) for n in range(len(STEPS))]
    n = STEPS.index(step)
    if n >= 1:
        write = CodatWrite.objects.create(
            company=company,
            kind="create_connection",
            key_made_at=at[1],
            due_at=at[1],
            done_at=at[1],
        )
        CodatWrite.objects.filter(pk=write.pk).update(created_at=at[1])
    if n >= 2:
        Consent.objects.create(company=company, platform_key="gbol", version=1, text="…", at=at[2])
    if n >= 3:
        connection = make_connection(company, status="Linked" if n >= 5 else "PendingAuth")
        LinkAttempt.objects.create(
            session=session,
            connection=connection,
            state_hash=str(company.public_id),
            sent_at=at[3],
            returned_at=at[4] if n >= 4 else None,
        )
        linked_at = at[5] if n >= 5 else None
        Connection.objects.filter(pk=connection.pk).update(linked_first_at=linked_at)
    if n >= 6:
        make_identity(connection, confirmed_at=at[6])
    if n >= 7:
        HistoryEntry.objects.create(
            company=company, kind="status", at=at[7], source="read", subject="stage", after="ready"
        )
    return company


def counts(user, weeks=8):
    since = timezone.now() - timedelta(weeks=weeks)
    steps, found_weeks = overview.funnel(companies=overview.companies_of(user), since=since)
    return {step.name: step for step in steps}, found_weeks


def test_each_customer_counts_at_every_step_up_to_the_furthest(charlie):
    for step in (*STEPS, "returned", "first_read"):
        came_as_far_as(step)
    steps, _weeks = counts(charlie)
    assert [steps[name].count for name in STEPS] == [10, 9, 8, 7, 6, 4, 3, 2]
    assert steps["began"].share is None
    assert steps["linked"].share == 66, "4 of 6, never rounded up"
    assert steps["linked"].middle == timedelta(seconds=10)


def test_a_step_that_left_no_trace_is_not_a_gap(charlie):
    """Linked without coming back in a browser of ours: the later step proves the earlier."""
    came_as_far_as("first_read")
    LinkAttempt.objects.update(returned_at=None)
    steps, _weeks = counts(charlie)
    assert [steps[name].count for name in STEPS] == [1] * 8
    assert steps["returned"].middle is None


def test_why_most_left_is_their_commonest_open_problem(charlie):
    for reason in ("cancelled", "cancelled", "failed"):
        company = came_as_far_as("sent")
        Problem.objects.create(company=company, reason=reason, since=timezone.now())
    steps, _weeks = counts(charlie)
    assert steps["sent"].left_with == ("cancelled", 2)
    assert steps["linked"].left_with is None


def test_a_week_counts_who_began_in_it_and_was_done_in_it(charlie):
    came_as_far_as("first_read", days_ago=21)
    came_as_far_as("began", days_ago=21)
    late = came_as_far_as("first_read", days_ago=21)
    HistoryEntry.objects.filter(company=late, after="ready").update(at=timezone.now())
    _steps, (week,) = counts(charlie)
    assert (week.began, week.completed, week.share) == (3, 1, 33)


def test_who_began_before_that_time_is_left_out(charlie):
    came_as_far_as("linked", days_ago=30)
    assert counts(charlie, weeks=4)[0]["began"].count == 0
    assert counts(charlie, weeks=5)[0]["began"].count == 1


def test_a_manager_sees_the_numbers_of_their_own_customers(alice, bob, charlie):
    came_as_far_as("linked", owner=alice)
    assert counts(alice)[0]["linked"].count == 1
    assert counts(bob)[0]["began"].count == 0
    assert counts(charlie)[0]["linked"].count == 1


def test_the_number_of_queries_does_not_grow_with_the_customers(charlie, django_assert_num_queries):
    for companies in (1, 5):
        for _ in range(companies):
            came_as_far_as("first_read")
        with django_assert_num_queries(9):
            counts(charlie)


def test_the_page_says_the_numbers_in_words_and_draws_them(as_charlie):
    for step in ("first_read", "began"):
        came_as_far_as(step)
    page = text(as_charlie.get("/admin/"))
    assert "How far customers came who began in the last 8 weeks" in page
    assert "1 of 2</title>" in page
    assert '<rect width="120"' in page
    assert '<rect width="240"' in page
    assert "50 %" in page
    assert "Begun and done in the same week" in page
    assert '<bdi dir="ltr">Linked</bdi>' in page


@pytest.mark.parametrize(
    ("query", "weeks"), [("?weeks=3", 3), ("?weeks=0", 8), ("?weeks=99", 8), ("?weeks=x", 8)]
)
def test_the_time_looked_at_is_chosen_and_nonsense_ignored(as_charlie, query, weeks):
    assert f"in the last {weeks} weeks" in text(as_charlie.get(f"/admin/{query}"))


def test_with_nobody_yet_the_page_is_there(as_charlie):
    page = text(as_charlie.get("/admin/"))
    assert "0 of 0</title>" in page
    assert "Nothing is set aside." in page
    assert "No webhook from Codat has arrived yet." in page


def test_health_names_what_waits_what_is_set_aside_and_what_is_paused(as_charlie):
    make_company()
    Lane.objects.update(due_at=timezone.now() - timedelta(minutes=3))
    parked = make_company("Harbour")
    Lane.objects.filter(company=parked).update(parked_reason="The log says why")
    Pause.objects.create(scope="removals", reason="many", since=timezone.now())
    page = text(as_charlie.get("/admin/"))
    assert "1 company waits for its turn." in page
    assert "The oldest has waited for 3" in page
    assert "1 piece of work is set aside." in page
    assert "removals" in page


def test_the_table_can_be_taken_away(as_charlie):
    came_as_far_as("chosen")
    response = as_charlie.get("/admin/overview.csv?weeks=2")
    assert response["Content-Disposition"] == 'attachment; filename="funnel-2-weeks.csv"'
    head, began, chosen, *_rest = csv.reader(text(response).splitlines())
    assert head[:2] == ["step", "customers"]
    assert began[:3] == ["began", "1", ""]
    assert chosen[:4] == ["chosen", "1", "100", "10"]


def test_health_is_for_those_who_see_everybody_and_the_table_for_staff(
    client, as_alice, as_charlie
):
    page = text(as_alice.get("/admin/"))
    assert "How far customers came" in page
    assert "Nothing is set aside." not in page
    assert client.get("/admin/overview.csv").status_code == 302
    assert as_charlie.post("/admin/overview.csv").status_code == 405

"""The first page of the administration: the funnel, connections by status, and health."""

import csv
from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking.admin.overview import in_words
from onboarding.linking.models import (
    CodatWrite,
    Company,
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
from tests.factories import (
    make_company,
    make_connection,
    make_identity,
    make_invitation,
    make_platform,
    make_session,
)

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
            target="gbol",
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


def counts(user, weeks=8, platform_keys=None):
    steps, found_weeks = overview.funnel(
        companies=overview.companies_of(user),
        since=timezone.now() - timedelta(weeks=weeks),
        platform_keys=platform_keys,
    )
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


def test_of_one_software_only_what_was_done_with_it_counts(charlie):
    came_as_far_as("began")
    came_as_far_as("confirmed")
    other = came_as_far_as("linked")
    Connection.objects.filter(company=other).update(platform_key="fztf")
    other.writes.update(target="fztf")
    Problem.objects.create(company=other, reason="failed", since=timezone.now())
    xero, _weeks = counts(charlie, platform_keys={"gbol"})
    assert [xero[name].count for name in ("began", "linked", "confirmed")] == [1, 1, 1]
    shopify, _weeks = counts(charlie, platform_keys={"fztf"})
    assert [shopify[name].count for name in ("began", "linked", "confirmed")] == [1, 1, 0]
    assert shopify["linked"].left_with == ("failed", 1)
    assert counts(charlie, platform_keys=set())[0]["began"].count == 0


def test_a_problem_with_other_software_is_not_why_they_left_with_this(charlie):
    company = came_as_far_as("sent")
    shop = make_connection(company, "fztf", platform_name="Shopify")
    Problem.objects.create(company=company, connection=shop, reason="failed", since=timezone.now())
    assert counts(charlie, platform_keys={"gbol"})[0]["sent"].left_with is None


def test_narrowed_to_software_the_number_of_queries_does_not_grow_either(
    charlie, django_assert_num_queries
):
    for companies in (1, 5):
        for _ in range(companies):
            came_as_far_as("first_read")
        with django_assert_num_queries(9):
            counts(charlie, platform_keys={"gbol"})


@pytest.mark.parametrize(
    ("query", "began"),
    [
        ("?channel=self_service", 1),
        ("?channel=invited", 2),
        ("?channel=hand_over", 1),
        ("?software=gbol", 2),
        ("?software=kind-accounting", 2),
        ("?software=kind-commerce", 0),
        ("?software=gbol&channel=hand_over", 1),
    ],
)
def test_the_funnel_is_narrowed_by_software_and_by_how_customers_came(
    as_charlie, charlie, query, began
):
    make_platform()
    came_as_far_as("linked")
    helped = came_as_far_as("linked")
    make_invitation(helped, "delegate")
    alone = came_as_far_as("began")
    Company.objects.filter(pk=alone.pk).update(origin="self_service")
    page = text(as_charlie.get(f"/admin/{query}"))
    assert (f"{began} of {began}</title>" if began else "Nobody matches.") in page
    assert "Show everybody" in page
    rows = csv.reader(text(as_charlie.get(f"/admin/overview.csv{query}")).splitlines())
    assert next(row[1] for row in rows if row[0] == "began") == str(began)


@pytest.mark.parametrize(
    "query", ["?software=nothing", "?software=kind-nothing", "?channel=post", "?weeks=99"]
)
def test_a_filter_that_is_not_understood_is_left_out_and_said_to_be(as_charlie, query):
    came_as_far_as("began")
    page = text(as_charlie.get(f"/admin/{query}"))
    assert "One filter was not understood, and is left out." in page
    assert "1 of 1</title>" in page
    assert "in the last 8 weeks" in page
    assert "Show everybody" not in page
    assert as_charlie.get(f"/admin/overview.csv{query}").status_code == 200


def test_the_download_is_of_what_is_shown_and_says_so(as_charlie):
    make_platform()
    page = text(as_charlie.get("/admin/?weeks=3&software=gbol&channel=invited"))
    assert "/admin/overview.csv?weeks=3&amp;software=gbol&amp;channel=invited" in page
    response = as_charlie.get("/admin/overview.csv?weeks=3&software=gbol&channel=invited")
    name = 'attachment; filename="funnel-3-weeks-gbol-invited.csv"'
    assert response["Content-Disposition"] == name


def test_software_that_nobody_can_choose_or_has_is_not_in_the_list(as_charlie):
    make_platform("aaaa", "Hidden", shown=False)
    make_platform("bbbb", "Kept", shown=False, connected=3)
    page = text(as_charlie.get("/admin/"))
    assert '<option value="bbbb">Kept</option>' in page
    assert "Hidden" not in page


def test_why_they_left_is_said_in_the_words_of_the_worklist(as_charlie):
    company = came_as_far_as("sent")
    Problem.objects.create(company=company, reason="cancelled", since=timezone.now())
    page = text(as_charlie.get("/admin/"))
    assert "Stopped at the software</a>&nbsp;·&nbsp;1" in page
    assert "reason__exact=cancelled" in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (40, "40 seconds"), (420, "7\xa0minutes"), (3660, "1\xa0hour, 1\xa0minute")],
)
def test_times_between_steps_are_said_in_words(seconds, words):
    assert in_words(timedelta(seconds=seconds)) == words


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
    assert "Nobody began in this time." in page
    assert '<svg viewBox="0 0 240 20"' not in page, "a table of zeros says nothing more"
    assert "No company waits for its turn." in page
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
    assert "Paused: Taking in what is gone from Codat." in page
    assert 'href="/admin/linking/pause/"' in page


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

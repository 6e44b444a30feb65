from datetime import timedelta

import pytest
from django.core.paginator import Paginator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding.desk import wording
from onboarding.desk.worklist import Worklist, open_problems
from onboarding.linking.models import CompanyIdentity, Problem
from onboarding.linking.services import onboarding
from tests.factories import make_invitation

from .cast import connect, make_user, register

URL = "/desk/"


def add_problem(company, reason, connection=None, age=timedelta(hours=1), **fields):
    return Problem.objects.create(
        company=company,
        connection=connection,
        reason=reason,
        since=timezone.now() - age,
        **fields,
    )


@pytest.fixture
def lost(company):
    connection = connect(company, status="Deauthorized", stage="lost")
    add_problem(company, "access_lost", connection)
    return connection


def test_a_problem_is_shown_with_its_reason_in_words_and_a_next_step(desk, company, lost):
    page = desk.get(URL).content.decode()
    assert "1 customer needs something" in page
    assert "Permission ended at the software" in page
    assert "Brook &amp; Sons Ltd" in page
    assert reverse("desk:relink", args=[company.public_id, lost.public_id]) in page
    assert "Send reconnect link" in page


def test_broken_connections_come_before_links_nobody_opened(desk, alice, company, lost):
    add_problem(register(alice, "Harbour Cafe"), "link_expired", age=timedelta(days=9))
    page = desk.get(URL).content.decode()
    assert page.index('<h2 id="reason-access_lost"') < page.index('<h2 id="reason-link_expired"')


def test_both_names_are_shown_where_another_business_was_connected(desk, company):
    connection = connect(company, status="Unlinked", stage="ended")
    CompanyIdentity.objects.create(connection=connection, name="Mill Road", read_at=timezone.now())
    add_problem(company, "wrong_company", connection)
    page = desk.get(URL).content.decode().replace("\u2068", "").replace("\u2069", "")
    assert "Expected Brook &amp; Sons Ltd, got Mill Road." in page


def test_a_link_counts_as_sent_only_when_its_mail_went_out(desk, company, now):
    link = make_invitation(company, expires_at=now - timedelta(hours=1))
    add_problem(company, "link_expired")
    assert "Sent " not in desk.get(URL).content.decode()
    link.emails.update(sent_at=now - timedelta(days=15))
    page = desk.get(URL).content.decode()
    assert "Sent " in page
    assert "2\N{NO-BREAK SPACE}weeks ago" in page


def test_what_began_a_moment_ago_is_said_to_be_just_now(desk, company):
    add_problem(company, "refused", age=timedelta(0))
    page = desk.get(URL).content.decode()
    assert "just now" in page
    assert "0\N{NO-BREAK SPACE}minutes" not in page


def test_where_nothing_matches_the_filters_are_cleared_at_one_place(desk, lost):
    for reason in ("refused", "access_lost"):
        page = desk.get(URL, {"reason": reason}).content.decode()
        assert page.count("Clear filters") == 1


def test_a_colleague_sees_nothing_of_it(bobs_desk, lost):
    page = bobs_desk.get(URL).content.decode()
    assert "Brook" not in page
    assert "Nobody needs you right now" in page


def test_a_senior_sees_everybodys_and_may_narrow_it_to_their_own(sams_desk, lost):
    assert "Brook" in sams_desk.get(URL).content.decode()
    page = sams_desk.get(URL, {"owner": "mine"}).content.decode()
    assert "Brook" not in page
    assert "No customers match" in page


def test_the_reason_filter_keeps_only_that_reason(desk, alice, lost):
    add_problem(register(alice, "Harbour Cafe"), "link_expired")
    page = desk.get(URL, {"reason": "link_expired"}).content.decode()
    assert "Harbour Cafe" in page
    assert "Brook" not in page


@pytest.mark.parametrize("query", [{"reason": "x"}, {"owner": "x"}, {"page": "999"}, {"page": "x"}])
def test_nonsense_in_the_address_is_ignored(desk, lost, query):
    response = desk.get(URL, query)
    assert response.status_code == 200
    assert "Brook" in response.content.decode()


def test_cleared_snoozed_and_closed_ones_are_left_out(desk, alice):
    now = timezone.now()
    add_problem(register(alice, "Cleared"), "refused", cleared_at=now)
    add_problem(register(alice, "Snoozed"), "refused", snoozed_until=now + timedelta(days=1))
    add_problem(register(alice, "Woken"), "refused", snoozed_until=now - timedelta(days=1))
    closed = register(alice, "Shut")
    add_problem(closed, "refused")
    onboarding.close(company=closed, by=alice, now=now)
    page = desk.get(URL).content.decode()
    assert "Woken" in page
    assert not any(name in page for name in ("Cleared", "Snoozed", "Shut"))


def test_who_may_not_invite_gets_a_way_to_the_customer_instead_of_a_button(company, lost):
    viewer = make_user("Vera")
    company.owner = viewer
    company.save(update_fields=["owner"])
    client = Client()
    client.force_login(viewer)
    page = client.get(URL).content.decode()
    assert "Send reconnect link" not in page
    assert "See customer" in page


def test_the_number_of_queries_does_not_grow_with_the_rows(desk, alice, django_assert_num_queries):
    def add_rows(count):
        for n in range(count):
            found = register(alice, f"Customer {n}")
            connection = connect(found, status="Unlinked", stage="ended")
            CompanyIdentity.objects.create(
                connection=connection, name="Other", read_at=timezone.now()
            )
            add_problem(found, "wrong_company", connection)

    add_rows(2)
    with django_assert_num_queries(QUERIES):
        desk.get(URL)
    add_rows(15)
    with django_assert_num_queries(QUERIES):
        desk.get(URL)


QUERIES = 13
"""Session, user and permissions 4, counts 2, rows with what they show 6, the firm 1."""


def test_every_page_shows_its_part_of_the_one_order(alice):
    """The worst reason first, unknown ones last, and of each the oldest."""
    company = register(alice, "Brook")
    reasons = ["link_expired", "access_lost", "newly_invented", "refused"]
    for n in range(11):
        reason = reasons[n * n % 4] if n < 8 else reasons[n % 4]
        connection = connect(company, codat_id=f"c-{n}")
        add_problem(company, reason, connection, age=timedelta(minutes=n * 7 % 5))
    problems = open_problems(alice, timezone.now())
    rank = {reason: n for n, reason in enumerate(wording.REASON_ORDER)}
    whole = sorted(problems, key=lambda p: (rank.get(p.reason, len(rank)), p.since, p.pk))

    for size in range(1, 12):
        paginator = Paginator(Worklist(problems), size)
        assert [each for page in paginator for each in page] == whole, f"pages of {size}"


def test_a_long_list_is_paged_and_keeps_its_counts(desk, alice):
    for n in range(30):
        add_problem(register(alice, f"Customer {n:02}"), "refused")
    page = desk.get(URL).content.decode()
    assert "30 customers need something" in page
    assert "Showing 1 to 25 of 30" in page
    assert "Codat refused · 30" in page
    assert "Showing 26 to 30 of 30" in desk.get(URL, {"page": 2}).content.decode()


def test_post_is_refused(desk):
    assert desk.post(URL).status_code == 405


def test_anonymous_is_asked_to_sign_in(db, client):
    assert client.get(URL).headers["Location"] == "/accounts/login/?next=/desk/"


def test_somebody_who_is_not_staff_gets_403(db, client):
    client.force_login(make_user("Nora", is_staff=False))
    assert client.get(URL).status_code == 403

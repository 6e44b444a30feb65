"""A new name on its way to Codat, and several of one company."""

import pytest
from django.db import connection
from django.utils import timezone

from onboarding.linking import shared_redis
from onboarding.linking.models import Lane
from onboarding.linking.services import onboarding

from .sent import calls

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_name_reaches_codat_also_while_the_company_is_being_made(
    begun, simulator, take_turn, now
):
    name = "Brook Trading " + "and Sons " * 20
    onboarding.rename(company=begun, true_name=name[:200], by=None, now=now)

    take_turn(begun, seconds=1)

    (at_codat,) = simulator.companies_of(begun.public_id)
    assert at_codat["name"] == name[:200].strip()
    assert begun.name_at_codat == at_codat["name"]


@pytest.fixture
def rename(made):
    def rename(name):
        onboarding.rename(company=made, true_name=name, by=None, now=timezone.now())

    return rename


def name_at_codat(simulator, company):
    (at_codat,) = simulator.companies_of(company.public_id)
    return at_codat["name"]


def all_sent(company, take_turn, *, turns=8):
    """Turns without a hint, each as of ever later, until nothing is left to send."""
    for number in range(1, turns + 1):
        if company.writes.open().exists():
            take_turn(company, hint=False, minutes=5 * number)
    return not company.writes.open().exists()


@pytest.mark.parametrize("fault", ["processed_then_cut", "cut", "status:503", "status:429"])
def test_an_older_rename_in_trouble_never_undoes_a_newer_one(
    made, simulator, take_turn, rename, fault
):
    simulator.fault("update-company", fault, retry_after=1)
    rename("Brook Trading")
    take_turn(made, seconds=1)
    rename("Brook and Daughters")
    shared_redis.shared_redis().flushall()

    take_turn(made, hint=False, seconds=1)
    assert all_sent(made, take_turn)

    assert name_at_codat(simulator, made) == made.name_at_codat == "Brook and Daughters"


def test_a_rename_waits_for_an_older_one_in_doubt_without_keeping_the_lane_due(
    made, simulator, take_turn, rename
):
    simulator.fault("update-company", "cut", times=None)
    rename("Brook Trading")
    take_turn(made, seconds=1)
    rename("Brook and Daughters")

    take_turn(made, seconds=1)

    older, newer = made.writes.filter(kind="update_company").order_by("pk")
    assert older.attempts >= 1
    assert newer.attempts == 0
    assert Lane.objects.get(company=made).due_at > timezone.now()


def test_a_rename_that_is_dropped_as_it_is_about_to_leave_does_not_leave(
    made, simulator, take_turn, rename
):
    rename("Brook Trading")

    def dropped_just_before(execute, sql, params, many, context):
        if sql.startswith('UPDATE "linking_codatwrite" SET "attempts"'):
            made.writes.open().update(done_at=timezone.now(), outcome="dropped")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(dropped_just_before):
        take_turn(made, seconds=1)

    assert calls(simulator, "update-company") == 0
    assert made.writes.get(kind="update_company").outcome == "dropped"


def test_of_renames_that_were_never_sent_only_the_newest_is(made, simulator, take_turn, rename):
    for name in ("First", "Second", "Third"):
        rename(name)

    assert take_turn(made, seconds=1) is None

    assert name_at_codat(simulator, made) == "Third"
    assert calls(simulator, "update-company") == 1
    assert sorted(made.writes.filter(kind="update_company").values_list("outcome", flat=True)) == [
        *("done", "dropped", "dropped")
    ]


def test_a_name_that_is_taken_back_is_not_sent(made, simulator, take_turn, rename):
    before = made.true_name
    rename("Brook Trading")
    rename(before)

    assert take_turn(made, seconds=1) is None

    assert calls(simulator, "update-company") == 0
    assert name_at_codat(simulator, made) == made.name_at_codat


def test_a_name_that_is_taken_back_after_it_may_have_arrived_is_sent_again(
    made, simulator, take_turn, rename
):
    before, shown = made.true_name, made.name_at_codat
    simulator.fault("update-company", "processed_then_cut")
    rename("Brook Trading")
    take_turn(made, seconds=1)
    assert name_at_codat(simulator, made) == "Brook Trading"
    rename(before)

    assert all_sent(made, take_turn)

    assert name_at_codat(simulator, made) == made.name_at_codat == shown

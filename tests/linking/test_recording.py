"""What one look leaves behind: mirrors, history, and nothing at all when the claim was lost."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from onboarding import codat
from onboarding.linking.models import CodatWrite, DataStatus, HistoryEntry, Lane, PullOperation
from onboarding.linking.services import looking, recording, turns
from onboarding.linking.services.errors import StaleClaim
from tests import factories

from .lanes import postgres_only

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company():
    return factories.make_company(codat_id="company-1")


def seen(company, *connections, name="Brook & Sons Ltd"):
    return codat.Company(id=company.codat_id, name=name, connections=connections)


def at_codat(codat_id="c1", status="PendingAuth", **fields):
    defaults = {"integration_key": "gbol", "source_type": "Accounting", "platform_name": "Xero"}
    return codat.Connection(id=codat_id, status=status, **{**defaults, **fields})


def claim(company):
    Lane.objects.filter(company=company).wake()
    return turns.claim_lane(company, read=True)


def record(company, *connections, now=None, **parts):
    look = recording.Look(company=seen(company, *connections), **parts)
    recording.record(claim(company), look, now=now or timezone.now())
    company.refresh_from_db()
    return company


def statuses(company):
    entries = HistoryEntry.objects.filter(company=company, subject="connection").order_by("pk")
    return [(entry.before, entry.after) for entry in entries]


def test_each_change_of_status_is_one_line_of_history(company):
    for status in ("PendingAuth", "PendingAuth", "Linked", "Linked", "Deauthorized", "Linked"):
        record(company, at_codat(status=status))

    assert statuses(company) == [
        ("", "PendingAuth"),
        ("PendingAuth", "Linked"),
        ("Linked", "Deauthorized"),
        ("Deauthorized", "Linked"),
    ]


def test_first_and_last_linking_are_told_apart(company, now):
    record(company, at_codat(status="Linked"), now=now - timedelta(days=2))
    record(company, at_codat(status="Unlinked"), now=now - timedelta(days=1))
    record(company, at_codat(status="Linked"), now=now)

    mirror = company.connections.get()
    assert (mirror.linked_first_at, mirror.linked_last_at) == (now - timedelta(days=2), now)


@pytest.mark.parametrize("word", ["Frozen", "Word" * 30, "né\N{SNOWMAN}"])
def test_a_status_nobody_knows_is_kept_as_it_came(company, word, caplog):
    record(company, at_codat(status=word))

    assert company.connections.get().status == word[:32]
    assert "connection_status_unknown" in caplog.text


def test_over_long_words_are_cut_and_harm_nothing(company):
    long = "x" * 300
    connection = at_codat(
        status="Linked",
        integration_key=long,
        integration_id=long,
        source_id=long,
        source_type=long,
        platform_name=long,
    )
    operation = codat.PullOperation(
        id="o1", data_type=long, status=long, connection_id="c1", error_message=long * 3
    )
    status = codat.DatasetStatus(data_type=long, current_status=long, latest_sync_id=long)

    record(company, connection, operations=[operation], data_status={long: status})

    assert PullOperation.objects.get().status == long[:32]
    assert DataStatus.objects.get().data_type == long[:64]


def test_what_a_look_does_not_show_is_noted_as_missing_and_never_deleted(company, now):
    record(company, at_codat("c1"), at_codat("c2", "Linked"))
    record(company, at_codat("c2", "Linked"), now=now)

    missing = company.connections.get(codat_id="c1")
    assert missing.missing_since == now
    assert missing.deleted_at is None
    assert missing.status == "PendingAuth"

    record(company, at_codat("c1"), at_codat("c2", "Linked"))
    missing.refresh_from_db()
    assert missing.missing_since is None


def test_a_look_that_could_not_be_taken_changes_no_mirror(company):
    record(company, at_codat("c1", "Linked"))
    before = list(company.connections.values())

    recording.record(claim(company), recording.Look(retry_after=30), now=timezone.now())

    assert list(company.connections.values()) == before


def test_a_stale_claim_drops_everything(company):
    token = claim(company)
    Lane.objects.filter(company=company).update(claim_token=uuid.uuid4())
    look = recording.Look(company=seen(company, at_codat(status="Linked"), name="Other"))

    with pytest.raises(StaleClaim):
        recording.record(token, look, now=timezone.now())

    company.refresh_from_db()
    assert company.name_at_codat == "Brook & Sons Ltd"
    assert not company.connections.exists()
    assert statuses(company) == []


def test_a_read_is_mirrored_with_the_moment_its_status_changed(company, now):
    def look(status, at):
        operation = codat.PullOperation(
            id="o1", data_type="bills", status=status, connection_id="c1", requested=now
        )
        record(company, at_codat(status="Linked"), operations=[operation], now=at)
        return PullOperation.objects.get().changed_at

    first = look("Fetching", now)
    assert look("Fetching", now + timedelta(seconds=5)) == first
    assert look("Complete", now + timedelta(seconds=9)) == now + timedelta(seconds=9)


def test_reads_of_a_connection_we_do_not_know_are_left_out(company):
    stray = codat.PullOperation(id="o1", data_type="bills", status="Queued", connection_id="??")

    record(company, at_codat(), operations=[stray])

    assert not PullOperation.objects.exists()


def test_the_last_read_is_the_latest_that_completed(company, now):
    operations = [
        codat.PullOperation(
            id=f"o{days}",
            data_type="bills",
            status=status,
            connection_id="c1",
            requested=now - timedelta(days=days),
            completed=now - timedelta(days=days),
        )
        for days, status in ((3, "Complete"), (2, "Complete"), (1, "FetchError"))
    ]

    record(company, at_codat(status="Linked"), operations=operations)

    assert company.connections.get().last_read_at == now - timedelta(days=2)


def test_data_status_is_written_over_type_by_type(company):
    for word in ("Queued", "Complete"):
        status = codat.DatasetStatus(data_type="bills", current_status=word)
        record(company, at_codat(), data_status={"bills": status})

    assert DataStatus.objects.get().status == "Complete"


def test_the_lane_is_given_back_with_the_next_thing_to_do(company, now):
    record(company, at_codat())
    assert Lane.objects.get(company=company).due_at is None

    CodatWrite.objects.create(
        company=company,
        kind="update_company",
        key_made_at=now,
        due_at=now + timedelta(minutes=5),
    )
    record(company, at_codat())
    assert Lane.objects.get(company=company).due_at == now + timedelta(minutes=5)


@pytest.mark.parametrize("status", [400, 402, 404, 409])
def test_a_refused_question_neither_breaks_nor_sets_aside(linked, simulator, take_turn, status):
    simulator.fault("list-pull-operations", f"status:{status}", times=None)
    simulator.fault("get-company-info", f"status:{status}", times=None)

    for minutes in range(1, 8):
        take_turn(linked, hint=False, minutes=minutes)

    lane = Lane.objects.get(company=linked)
    assert lane.parked_reason == ""
    assert lane.attempts == 0
    assert linked.stage == "confirming"


def test_codats_wish_to_wait_outweighs_our_own_table(linked, simulator, take_turn):
    simulator.fault("list-pull-operations", "status:429", retry_after=50)
    simulator.fault("get-company-info", "status:429", retry_after=50)

    take_turn(linked, hint=False, seconds=5)

    wait = Lane.objects.get(company=linked).due_at - timezone.now()
    assert timedelta(seconds=40) < wait < timedelta(seconds=60)


def test_a_crash_frees_the_lane_and_sets_it_aside_after_a_few(company, settings):
    settings.MAX_ATTEMPTS = 2

    class Broken:
        def __getattr__(self, name):
            raise RuntimeError("not the network")

    for _ in range(2):
        Lane.objects.filter(company=company).wake()
        with pytest.raises(RuntimeError):
            turns.take_turn(company, Broken(), now=timezone.now())

    lane = Lane.objects.get(company=company)
    assert lane.claim_token is None
    assert lane.parked_reason


def test_stored_words_that_the_facts_do_not_give_are_found(company):
    record(company, at_codat())
    Lane.objects.update(due_at=None)
    assert list(recording.differences(now=timezone.now())) == []

    type(company).objects.update(stage="ready")
    ((found, what, stored, _),) = recording.differences(now=timezone.now())
    assert (found, what, stored) == (company, "stage", "ready")


@postgres_only
def test_a_person_who_answers_while_a_look_is_recorded_never_meets_a_deadlock(company):
    held = claim(company)
    recorder = threading.Thread(target=_record_apart, args=(held, recording.Look()))
    with transaction.atomic():
        recording.lock_company(company.pk)
        recorder.start()
        _wait_until_one_is_blocked_by_us()
        looking.hint_now(company=company)
    recorder.join(20)

    lane = Lane.objects.get(company=company)
    assert lane.claim_token is None, "the look was not recorded"
    assert lane.due_at is not None, "the hint is lost"


def _record_apart(held, look):
    try:
        recording.record(held, look, now=timezone.now())
    finally:
        connection.close()


def _wait_until_one_is_blocked_by_us():
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits for the company")


def test_what_a_connector_complains_of_is_kept_until_it_is_well_again(company):
    info = {"webConnectorError": "Another company file is open.", "more": {"x" * 120: "y" * 600}}
    record(company, at_codat(connection_info=info))

    first, second = company.connections.get().troubles
    assert first == ["webConnectorError", "Another company file is open."]
    assert [len(part) for part in second] == [100, 500]

    record(company, at_codat())
    assert company.connections.get().troubles == []

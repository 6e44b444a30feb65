"""Disconnecting, deleting and reading again, as writes to a connection that may have changed."""

import pytest

from onboarding import codat
from onboarding.linking import codat_client
from onboarding.linking.services import connecting, removals, restaging

from .sent import write_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_unlinking_what_is_not_linked_any_more_is_done(linked, simulator, take_turn, now):
    connection = linked.connections.get()
    connecting.unlink(connection=connection, now=now)
    simulator.act(connection.codat_id, "unlink")

    assert take_turn(linked, seconds=1) is None

    assert write_of(linked, "unlink_connection").outcome == "done"
    assert linked.connections.get().status == "Unlinked"


def test_a_refusal_to_unlink_what_is_linked_is_not_taken_for_done(
    linked, simulator, take_turn, now
):
    connecting.unlink(connection=linked.connections.get(), now=now)
    simulator.fault("unlink-connection", "status:400")

    take_turn(linked, seconds=1)

    assert write_of(linked, "unlink_connection").outcome == "refused"
    assert linked.connections.get().status == "Linked"
    assert linked.problems.open().filter(reason="refused").exists()


def test_unlinking_what_was_deleted_at_codat_is_done(linked, simulator, take_turn, now):
    connection = linked.connections.get()
    connecting.unlink(connection=connection, now=now)
    codat_client.for_worker().delete_connection(linked.codat_id, connection.codat_id)

    take_turn(linked, seconds=1)

    assert write_of(linked, "unlink_connection").outcome == "adopted"


def test_a_read_that_is_running_already_is_queued_later(linked, simulator, take_turn, now):
    connection = linked.connections.get()
    simulator.control(
        "POST",
        f"/companies/{linked.codat_id}/datasets",
        {"dataType": "company", "status": "Fetching"},
    )
    restaging.plan_write(
        linked,
        "refresh_data_type",
        "a test",
        {"connection_id": connection.codat_id, "data_type": "company"},
        now=now,
    )

    assert isinstance(take_turn(linked, seconds=1), codat.ConflictError)
    assert write_of(linked, "refresh_data_type").done_at is None
    simulator.control(
        "POST",
        f"/companies/{linked.codat_id}/datasets",
        {"dataType": "company", "status": "Complete"},
    )
    take_turn(linked, minutes=10)

    assert write_of(linked, "refresh_data_type").outcome == "done"


def gone(company):
    return company.connections.get().deleted_at is not None


def test_what_a_senior_deletes_is_gone_at_once_and_counts_as_no_loss(
    linked, simulator, take_turn, now, alice
):
    connection = linked.connections.get()
    connecting.delete(connection=connection, by=alice, now=now)

    assert take_turn(linked, seconds=1) is None

    assert write_of(linked, "delete_with_data").outcome == "done"
    assert gone(linked)
    (at_codat,) = simulator.companies_of(linked.public_id)
    assert at_codat["dataConnections"] == []
    told = linked.history.get(subject="connection", after="deleted")
    assert told.source == "staff"
    assert not linked.problems.open().filter(reason="access_lost").exists()
    connecting.delete(connection=connection, by=alice, now=now)
    assert linked.writes.filter(kind="delete_with_data").count() == 1


def test_a_deletion_whose_answer_was_lost_is_repeated_and_settled_by_the_looks(
    linked, simulator, take_turn, now, alice
):
    connecting.delete(connection=linked.connections.get(), by=alice, now=now)
    simulator.fault("delete-connection", "processed_then_cut")

    take_turn(linked, seconds=1)
    assert not gone(linked)
    take_turn(linked, seconds=10)

    assert write_of(linked, "delete_with_data").outcome == "adopted"
    assert linked.connections.get().missing_since is not None
    removals.remember_account(codat_client.for_worker(), now=now)
    take_turn(linked, minutes=11)
    take_turn(linked, minutes=12)
    assert gone(linked)

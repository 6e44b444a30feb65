"""What Codat refuses: it pauses, or is shown to staff."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import CodatWrite, Lane, Pause
from onboarding.linking.services import connecting, onboarding, pauses

from .sent import CONNECT, CREATE, write_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("status", "scope"), [(401, "codat"), (402, CREATE), (403, CREATE)])
def test_a_refusal_pauses_what_it_is_about(begun, simulator, take_turn, status, scope):
    key = write_of(begun).idempotency_key
    simulator.fault("create-company", f"status:{status}")

    take_turn(begun)

    assert [pause.scope for pause in Pause.objects.all()] == [scope]
    write = write_of(begun)
    assert write.done_at is None
    assert write.reason
    assert not write.doubtful
    assert write.idempotency_key != key, "Codat would repeat its refusal under the old one"
    assert begun.problems.open().get().reason == "refused"


def test_while_codat_is_paused_nothing_is_asked_and_the_lane_comes_back(
    begun, simulator, take_turn, now
):
    pauses.pause(Pause.CODAT, "for a test", now=now)

    take_turn(begun)

    assert simulator.calls()["total"] <= 1, "only the catalogue before"
    wait = (Lane.objects.get(company=begun).due_at - timezone.now()).total_seconds()
    assert 50 < wait <= 61, "no turn every sweep"


def test_one_paused_operation_holds_up_no_other(made, simulator, take_turn, now):
    pauses.pause(CodatWrite.Kind.UPDATE_COMPANY, "for a test", now=now)
    onboarding.rename(company=made, true_name="Brook Trading", by=None, now=now)
    connection = made.connections.get()
    simulator.act(connection.codat_id, "authorize")
    connecting.unlink(connection=connection, now=now)

    take_turn(made, seconds=1)

    assert write_of(made, "unlink_connection").outcome == "done"
    assert write_of(made, "update_company").attempts == 0
    assert Lane.objects.get(company=made).due_at > timezone.now()


def test_the_probe_resumes_when_codat_answers_again(begun, simulator, take_turn, now):
    simulator.fault("create-company", "status:401")
    take_turn(begun)
    simulator.fault("get-profile-syncSettings", "status:401")

    assert not pauses.probe(codat_client.for_worker(), now=now)
    assert pauses.is_paused(Pause.CODAT)
    assert pauses.probe(codat_client.for_worker(), now=now)

    assert not Pause.objects.exists()
    assert Lane.objects.due().filter(company=begun).exists()
    take_turn(begun, minutes=2)
    assert begun.codat_id
    assert not begun.problems.open().filter(reason="refused").exists()


def test_a_single_paused_operation_is_tried_again_after_a_while(begun, now, simulator):
    pauses.pause(CREATE, "for a test", now=now)

    pauses.probe(codat_client.for_worker(), now=now + timedelta(minutes=14))
    assert pauses.is_paused(CREATE)
    pauses.probe(codat_client.for_worker(), now=now + timedelta(minutes=16))
    assert not pauses.is_paused(CREATE)


def test_an_outdated_key_that_is_only_forbidden_things_pauses_everything(
    begun, simulator, take_turn
):
    simulator.fault("create-company", "status:403")
    simulator.fault("get-profile-syncSettings", "status:403")

    take_turn(begun)

    assert pauses.is_paused(Pause.CODAT)


def test_a_company_of_somebody_else_stops_nobody_but_itself(made, simulator, take_turn):
    simulator.fault("get-company", "status:403")

    take_turn(made)

    assert not Pause.objects.exists()


def test_a_bad_request_is_refused_for_good_and_shown_with_its_reference(
    begun, simulator, take_turn
):
    simulator.fault("create-company", "status:400")

    take_turn(begun)

    write = write_of(begun)
    assert write.outcome == "refused"
    assert "Reference" in write.reason
    assert begun.problems.open().get().reason == "refused"


def test_an_unknown_platform_is_refused_and_forgotten_once_another_is_taken(
    session, xero_at_codat, simulator, take_turn, now
):
    company = session.company
    xero_at_codat.key = "zzzz"
    connecting.begin_connection(session=session, platform=xero_at_codat, now=now)
    take_turn(company)
    assert write_of(company, CONNECT).outcome == "refused"
    assert company.problems.open().filter(reason="refused").exists()

    xero_at_codat.key = "gbol"
    connecting.begin_connection(session=session, platform=xero_at_codat, now=now)
    take_turn(company)

    assert not company.problems.open().filter(reason="refused").exists()

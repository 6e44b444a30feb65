"""From one accounting software to another: one act, and never two that are read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking.models import Connection, Invitation, LinkAttempt, Platform
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import connecting, leaving, switching
from onboarding.linking.services.errors import AlreadyConnected, NotReady
from onboarding.linking.stages import ConnectionStage, Stage
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

XERO, QUICKBOOKS = "gbol", "qhyg"


@pytest.fixture
def confirmed(linked, now):
    """Xero is linked, and the business confirmed."""
    factories.make_identity(linked.connections.get(), confirmed_at=now)
    return factories.restage(linked)


@pytest.fixture
def quickbooks(confirmed):
    return Platform.objects.get(key=QUICKBOOKS)


def of(company, key):
    return company.connections.filter(platform_key=key).latest("pk")


def switch(session, platform):
    session.refresh_from_db()
    switching.switch(session=session, platform=platform, now=timezone.now())


def leave(session, key=QUICKBOOKS):
    session.refresh_from_db()
    return leaving.leave_for_link(session=session, platform_key=key, now=timezone.now())


def at_codat(simulator, company):
    (found,) = simulator.companies_of(company.public_id)
    return {c["integrationKey"]: c["status"] for c in found["dataConnections"]}


def sign_in(simulator, company, key):
    simulator.act(of(company, key).codat_id, "authorize")


# ── the act ──────────────────────────────────────────────────────────────────────────────────────
def test_one_act_closes_the_old_and_opens_the_new_for_the_same_company(
    confirmed, session, quickbooks, simulator
):
    switch(session, quickbooks)
    url = leave(session)

    assert at_codat(simulator, confirmed) == {XERO: "Unlinked", QUICKBOOKS: "PendingAuth"}
    assert of(confirmed, QUICKBOOKS).codat_id in url
    assert of(confirmed, XERO).deleted_at is None


def test_after_it_the_new_one_is_the_only_one_that_is_read(
    confirmed, session, quickbooks, simulator, take_turn
):
    switch(session, quickbooks)
    leave(session)
    sign_in(simulator, confirmed, QUICKBOOKS)
    take_turn(confirmed, seconds=1)

    assert at_codat(simulator, confirmed) == {XERO: "Unlinked", QUICKBOOKS: "Linked"}
    assert of(confirmed, XERO).stage == ConnectionStage.ENDED
    assert confirmed.stage == Stage.CONFIRMING


def test_the_history_says_who_switched_and_to_what(confirmed, quickbooks, now):
    link = factories.make_invitation(confirmed)
    link.recipient.name = "Ada Brook"
    link.recipient.save(update_fields=["name"])
    session, _key = factories.make_session(confirmed, invitation=link)

    switch(session, quickbooks)

    act = confirmed.history.get(subject="switched")
    assert (act.actor, act.source, act.text) == ("Ada Brook", "customer", "QuickBooks Online")
    assert act.connection == of(confirmed, XERO)


def test_nobody_is_mailed_that_access_was_lost(confirmed, session, quickbooks, take_turn):
    switch(session, quickbooks)
    take_turn(confirmed, seconds=1)
    take_turn(confirmed, days=3)

    kinds = set(confirmed.emails.values_list("kind", flat=True))
    assert kinds.isdisjoint({"access_lost", "disconnected"})
    reasons = set(confirmed.problems.open().values_list("reason", flat=True))
    assert reasons.isdisjoint({"access_lost", "disconnected"})
    assert confirmed.stage == Stage.AUTHORIZING


def test_a_mailed_link_to_reconnect_the_old_one_is_done_with(confirmed, session, quickbooks):
    link = factories.make_invitation(confirmed, Purpose.SIGN_IN)
    Invitation.objects.filter(pk=link.pk).update(
        purpose=Purpose.RELINK, connection=of(confirmed, XERO)
    )

    switch(session, quickbooks)

    link.refresh_from_db()
    assert link.ended_why == "finished"


# ── twice, and while Codat is away ───────────────────────────────────────────────────────────────
def test_pressed_twice_it_happens_once(confirmed, session, quickbooks, simulator):
    switch(session, quickbooks)
    switch(session, quickbooks)
    leave(session)
    switch(session, quickbooks)
    leave(session)

    assert at_codat(simulator, confirmed) == {XERO: "Unlinked", QUICKBOOKS: "PendingAuth"}
    assert confirmed.history.filter(subject="switched").count() == 1
    assert confirmed.writes.filter(kind="unlink_connection").count() == 1
    assert confirmed.writes.filter(kind="create_connection").count() == 2


@pytest.mark.parametrize("trouble", ["status:503", "cut", "processed_then_cut"])
def test_while_the_old_one_is_not_surely_closed_nobody_gets_to_the_new_one(
    confirmed, session, simulator, take_turn, trouble
):
    simulator.fault("unlink-connection", trouble)
    switch(session, Platform.objects.get(key=QUICKBOOKS))
    with pytest.raises(NotReady):
        leave(session)

    assert QUICKBOOKS not in at_codat(simulator, confirmed)
    assert not connecting.is_prepared(company=confirmed, platform_key=QUICKBOOKS)
    for minutes in (2, 5, 10, 20):
        take_turn(confirmed, minutes=minutes)

    assert at_codat(simulator, confirmed) == {XERO: "Unlinked", QUICKBOOKS: "PendingAuth"}
    assert connecting.is_prepared(company=confirmed, platform_key=QUICKBOOKS)
    assert leave(session)


@pytest.mark.parametrize("trouble", ["cut", "processed_then_cut"])
def test_a_lost_answer_about_the_new_one_makes_no_second(
    confirmed, session, simulator, take_turn, trouble
):
    simulator.fault("create-connection", trouble)
    switch(session, Platform.objects.get(key=QUICKBOOKS))
    with pytest.raises(NotReady):
        leave(session)
    for minutes in (2, 5, 10, 20):
        take_turn(confirmed, minutes=minutes)

    (found,) = simulator.companies_of(confirmed.public_id)
    assert len(found["dataConnections"]) == 2
    assert leave(session)


def test_a_link_got_before_is_not_handed_out_while_the_old_one_is_open(
    confirmed, session, quickbooks, simulator
):
    factories.make_connection(confirmed, QUICKBOOKS, platform_name="QuickBooks Online")
    simulator.fault("unlink-connection", "status:503", times=None)
    switch(session, quickbooks)

    with pytest.raises(NotReady):
        leave(session)

    assert not LinkAttempt.objects.filter(connection__platform_key=QUICKBOOKS).exists()


# ── half-way and back ────────────────────────────────────────────────────────────────────────────
def test_who_stops_half_way_can_have_the_old_one_back(
    confirmed, session, quickbooks, simulator, take_turn
):
    switch(session, quickbooks)
    leave(session)

    assert leave(session, XERO)
    sign_in(simulator, confirmed, XERO)
    take_turn(confirmed, seconds=1)
    take_turn(confirmed, seconds=2)

    assert at_codat(simulator, confirmed) == {XERO: "Linked"}
    assert of(confirmed, QUICKBOOKS).deleted_at
    assert of(confirmed, XERO).stage == ConnectionStage.VERIFYING
    with pytest.raises(AlreadyConnected):
        leave(session)


def test_who_comes_back_with_the_old_link_does_not_add_a_second(
    confirmed, session, quickbooks, simulator, take_turn
):
    switch(session, quickbooks)
    leave(session)
    sign_in(simulator, confirmed, XERO)  # by a tab that was open before
    simulator.act(of(confirmed, QUICKBOOKS).codat_id, "authorize")
    take_turn(confirmed, seconds=1)
    take_turn(confirmed, seconds=2)

    assert list(at_codat(simulator, confirmed).values()).count("Linked") == 1


def test_an_old_link_that_is_used_after_the_change_is_closed_again(
    confirmed, session, quickbooks, simulator, take_turn
):
    """Should Codat ever let two be linked: the one that the customer went to last stays."""
    now = timezone.now()
    xero = of(confirmed, XERO)
    new = factories.make_connection(confirmed, QUICKBOOKS, "Linked")
    for connection, hours in ((xero, 2), (new, 1)):
        LinkAttempt.objects.create(
            session=session,
            connection=connection,
            state_hash=f"{hours}" * 64,
            sent_at=now - timedelta(hours=hours),
        )

    factories.restage(confirmed)
    factories.restage(confirmed)

    write = confirmed.writes.get(kind="unlink_connection")
    assert write.body == {"connection_id": xero.codat_id}
    Connection.objects.filter(pk=xero.pk).update(status="Unlinked", status_changed_at=now)
    factories.restage(confirmed)
    assert not confirmed.emails.filter(kind="access_lost").exists()


def test_of_two_that_nobody_went_to_from_here_none_is_touched(confirmed):
    factories.make_connection(confirmed, QUICKBOOKS, "Linked")
    LinkAttempt.objects.all().delete()

    factories.restage(confirmed)

    assert not confirmed.writes.filter(kind="unlink_connection").exists()


# ── what was begun and never finished ────────────────────────────────────────────────────────────
def test_what_was_begun_with_other_software_is_deleted_when_another_is_chosen(
    made, session, simulator, take_turn
):
    leave(session, XERO)
    old = of(made, XERO)
    assert leave(session)

    assert at_codat(simulator, made) == {QUICKBOOKS: "PendingAuth"}
    old.refresh_from_db()
    assert old.deleted_at
    entry = made.history.filter(subject="connection", connection=old).first()
    assert (entry.before, entry.after) == ("PendingAuth", "never finished")


def test_who_then_goes_back_gets_a_new_one(made, session, simulator):
    leave(session)
    leave(session, XERO)

    assert at_codat(simulator, made) == {XERO: "PendingAuth"}
    assert made.connections.present().count() == 1


def test_what_was_signed_in_to_meanwhile_is_not_deleted(made, session, simulator, take_turn):
    simulator.act(of(made, XERO).codat_id, "authorize")
    with pytest.raises(NotReady):
        leave(session)
    with pytest.raises(AlreadyConnected):
        leave(session)
    take_turn(made, seconds=1)

    assert at_codat(simulator, made) == {XERO: "Linked"}
    assert of(made, XERO).status == "Linked"
    assert of(made, XERO).deleted_at is None
    assert made.writes.get(kind="create_connection", target=QUICKBOOKS).outcome == "dropped"
    assert not made.problems.open().filter(reason="refused").exists()


@pytest.mark.parametrize("trouble", ["status:503", "cut", "processed_then_cut"])
def test_a_deletion_with_a_lost_answer_is_done_once_and_surely(
    made, session, simulator, take_turn, trouble
):
    simulator.fault("delete-connection", trouble)
    with pytest.raises(NotReady):
        leave(session)
    for minutes in (2, 5, 10, 20):
        take_turn(made, minutes=minutes)

    assert at_codat(simulator, made) == {QUICKBOOKS: "PendingAuth"}
    assert of(made, XERO).deleted_at
    assert made.writes.get(kind="delete_connection").outcome == "done"


def test_what_an_accountant_was_asked_to_sign_in_to_stays(made, session, simulator):
    link = factories.make_invitation(made, Purpose.SIGN_IN)
    Invitation.objects.filter(pk=link.pk).update(purpose=Purpose.DELEGATE, platform_key=XERO)

    leave(session)

    assert at_codat(simulator, made) == {XERO: "PendingAuth", QUICKBOOKS: "PendingAuth"}


def test_software_of_which_several_are_read_is_left_alone(made, session, simulator):
    bank = Platform.objects.on_offer().filter(source_type="Banking").first()

    leave(session, bank.key)

    assert at_codat(simulator, made) == {XERO: "PendingAuth", bank.key: "PendingAuth"}


# ── staff ────────────────────────────────────────────────────────────────────────────────────────
def test_when_staff_disconnect_the_customer_is_not_told_that_access_was_lost(
    confirmed, take_turn, alice
):
    connecting.unlink(connection=of(confirmed, XERO), by=alice, now=timezone.now())
    take_turn(confirmed, seconds=1)
    take_turn(confirmed, days=3)

    assert of(confirmed, XERO).status == "Unlinked"
    kinds = set(confirmed.emails.values_list("kind", flat=True))
    assert kinds.isdisjoint({"access_lost", "disconnected"})
    assert [p.reason for p in confirmed.problems.open()] == ["disconnected"]
    assert confirmed.stage == Stage.LOST


def test_a_loss_after_it_was_connected_again_is_a_loss(
    confirmed, session, simulator, take_turn, alice
):
    connecting.unlink(connection=of(confirmed, XERO), by=alice, now=timezone.now())
    take_turn(confirmed, seconds=1)
    sign_in(simulator, confirmed, XERO)
    take_turn(confirmed, seconds=2)
    simulator.act(of(confirmed, XERO).codat_id, "deauthorize")
    take_turn(confirmed, minutes=1)

    assert confirmed.emails.filter(kind="access_lost").exists()

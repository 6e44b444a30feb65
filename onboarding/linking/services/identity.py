"""Whose company is it: who may say so, and what is said."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from onboarding.linking import stages
from onboarding.linking.models import (
    CodatWrite,
    Company,
    CompanyIdentity,
    Connection,
    CustomerSession,
    HistoryEntry,
)
from onboarding.linking.models.invitation import Purpose, Way, way_linked

from . import looking
from .comparing import Difference, nearest_difference
from .errors import NotAllowed, OutdatedIdentity
from .invitations import AGAIN_AFTER
from .mail_planning import plan_link_email
from .onboarding import add_act
from .recognising import note_double, settle
from .recording import lock_company
from .restaging import restage


def difference(*, company: Company, identity: CompanyIdentity) -> Difference:
    """Between the name the customer gave and what the software says; none while we know no name."""
    if company.has_no_name:
        return Difference.NONE
    return nearest_difference(company.true_name, identity)


def looks_the_same(*, company: Company, identity: CompanyIdentity) -> bool:
    """Whether the software's name, or legal name, reads like the one the customer gave."""
    return difference(company=company, identity=identity) is not Difference.OTHER


# ── who may see it and say ───────────────────────────────────────────────────────────────────────
def may_answer(*, session: CustomerSession | None, connection: Connection) -> bool:
    """Whether this browser may see whose business was connected, and confirm it.

    What came back to the browser that left is anybody's there. What was connected elsewhere, or by
    somebody who helped, is shown to whoever came by a link to the address on file. None: staff.
    """
    if session is None or session.channel == CustomerSession.Channel.LINK:
        return True
    return way_linked(connection) == Way.HERE


def latest(*, connection: Connection) -> CompanyIdentity | None:
    """The identity read after the connection's present linking."""
    return connection.identity


def _is_to_be_confirmed(connection: Connection) -> bool:
    # Also what was read once, and disconnected as planned before anybody could answer.
    was_read_once = connection.status == stages.DEAUTHORIZED and connection.one_time
    return connection.status == stages.LINKED or (
        was_read_once and connection.stage == stages.ConnectionStage.VERIFYING
    )


def awaiting(*, company: Company, session: CustomerSession | None = None) -> CompanyIdentity | None:
    """The identity that this browser, or else staff, must confirm or reject now."""
    return awaiting_of(company.connections.present(), session=session)


def awaiting_of(
    present: Iterable[Connection], *, session: CustomerSession | None
) -> CompanyIdentity | None:
    """The same, among connections that were read already."""
    for connection in filter(_is_to_be_confirmed, present):
        identity = connection.identity
        if is_unanswered(identity):
            if may_answer(session=session, connection=connection):
                return identity
    return None


def is_unanswered(identity: CompanyIdentity | None) -> bool:
    """Nobody has said yet whose it is; an answer that staff have to look at first is one."""
    if identity is None or identity.is_held:
        return False
    return not identity.confirmed_at and not identity.rejected_at


def to_answer(company: Company, identity_public_id, session=None) -> CompanyIdentity:
    """The identity a form names, if it still is the one to answer. The company is locked."""
    identity = (
        CompanyIdentity.objects.select_related("connection__company")
        .filter(public_id=identity_public_id, connection__company=company)
        .first()
    )
    if identity is None or identity.connection.identity != identity:
        raise OutdatedIdentity
    if not may_answer(session=session, connection=identity.connection):
        raise OutdatedIdentity
    return identity


# ── the answers ──────────────────────────────────────────────────────────────────────────────────
def confirm(
    *,
    identity_public_id,
    company: Company,
    now: datetime,
    session=None,
    by=None,
    account_holder: str = "",
) -> None:
    """“Yes, this is us.” A second press changes nothing.

    Where another customer has the same number, the answer is kept until staff have compared both.
    Only staff can confirm what was rejected, or stopped as another business: then the next
    reconnecting is held against it, and a disconnection not yet sent is dropped.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        identity = to_answer(company, identity_public_id, session)
        if identity.confirmed_at or identity.is_held:
            return
        if identity.rejected_at and by is None:
            raise OutdatedIdentity
        connection = identity.connection
        if identity.rejected_at:
            _drop_unlinking(company, connection, now)
        identity.confirmed_by, identity.rejected_at = by, None
        identity.account_holder = account_holder
        add_act(company, "confirmed", by=by, session=session, now=now, connection=connection)
        must_wait = note_double(company, identity, now=now)
        identity.confirmed_at = None if must_wait else now
        identity.save(update_fields=_ANSWER)
        if must_wait:
            restage(company, by=by, now=now)
        else:
            episode = stages.linking_episode(connection.codat_id, connection.linked_last_at)
            connected = company.emails.filter(dedupe_key=f"connected:{episode}")
            was_told = connected.exists()
            carry_out(company, identity, by=by, now=now)
            if was_told or not connected.exists():  # else that mail, planned just now, says it too
                mail_about(identity, "name_confirmed", identity.public_id, now)


_ANSWER = [
    *("confirmed_at", "confirmed_by", "rejected_at", "account_holder"),
    *("same_number_as", "doubled_at"),
]


def carry_out(company: Company, identity: CompanyIdentity, *, by, now: datetime) -> None:
    """What follows from a confirmation. The company is locked."""
    settle(company, identity, now=now)
    assessment = restage(company, by=by, now=now)
    if assessment.connections[identity.connection_id] is stages.ConnectionStage.READING:
        looking.hint_now(company=company, connections=False)
    if assessment.stage in (stages.Stage.READING, stages.Stage.READY):
        company.invitations.finish(purpose=Purpose.ONBOARD, now=now)
        if (stages.Reason.MAIL_NOT_DELIVERED, None) in assessment.problems:
            restage(company, by=by, now=now)  # perhaps it was the mail with that link


def _drop_unlinking(company: Company, connection: Connection, now: datetime) -> None:
    target = stages.linking_episode(connection.codat_id, connection.linked_last_at)
    unsent = company.writes.open().filter(
        kind=CodatWrite.Kind.UNLINK_CONNECTION, target=target, attempts=0
    )
    unsent.update(done_at=now, outcome=CodatWrite.Outcome.DROPPED)


def reject(*, identity_public_id, company: Company, now: datetime, session=None, by=None) -> None:
    """“No, another business.” The record stays; the connection is unlinked by a write.

    What was confirmed only staff can take back: a page left open elsewhere must not disconnect.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        identity = to_answer(company, identity_public_id, session)
        if identity.rejected_at:
            return
        if identity.confirmed_at and by is None:
            raise OutdatedIdentity
        identity.rejected_at, identity.confirmed_at = now, None
        identity.save(update_fields=["rejected_at", "confirmed_at"])
        connection = identity.connection
        add_act(company, "rejected", by=by, session=session, now=now, connection=connection)
        restage(company, by=by, now=now)


def claim(*, identity_public_id, company: Company, session, now: datetime) -> None:
    """“It is the same business”, of one that we stopped as another. Staff look, nothing else."""
    with transaction.atomic():
        company = lock_company(company.pk)
        identity = to_answer(company, identity_public_id, session)
        if not identity.is_another or not identity.rejected_at or identity.claimed_at:
            return
        identity.claimed_at = now
        identity.save(update_fields=["claimed_at"])
        connection = identity.connection
        add_act(company, "same_business", session=session, now=now, connection=connection)


def carry_on(*, connection: Connection, session, now: datetime) -> None:
    """“Carry on, ask me later”: no name came in time. It is asked by mail, and staff know."""
    with transaction.atomic():
        company = lock_company(connection.company_id)
        connection.refresh_from_db()
        asked = company.history.name_later().get(connection.pk)
        is_open = connection.stage == stages.ConnectionStage.VERIFYING
        if not is_open or (asked and asked >= connection.linked_last_at):
            return
        subject = HistoryEntry.NAME_LATER
        add_act(company, subject, session=session, now=now, connection=connection)
        restage(company, now=now)


# ── what staff do ────────────────────────────────────────────────────────────────────────────────
def ask_customer(*, connection: Connection, by, now: datetime) -> bool:
    """Mail the customer a link to confirm the name; False for a second press within a minute.

    Raises NotAllowed where there is nothing to confirm or nobody to write to.
    """
    with transaction.atomic():
        company = lock_company(connection.company_id)
        identity = connection.identity
        if not is_unanswered(identity) or company.closed_at or company.primary_contact is None:
            raise NotAllowed("nothing to confirm, or nobody to ask")
        asked = connection.company.emails.filter(connection=connection, kind="name_to_confirm")
        if asked.filter(invitation__created_at__gt=now - AGAIN_AFTER).exists():
            return False
        mail_about(identity, "name_to_confirm", f"{identity.public_id}:{now.isoformat()}", now)
        add_act(company, "name_asked", by=by, now=now, connection=connection)
    return True


def confirm_unnamed(*, connection: Connection, by, now: datetime) -> None:
    """Staff know whose it is although the software never said: the record says who vouched."""
    with transaction.atomic():
        company = lock_company(connection.company_id)
        identity = connection.identity
        if connection.status != stages.LINKED:
            raise NotAllowed("not linked")
        if identity is None:
            identity = CompanyIdentity.objects.create(
                connection=connection,
                linked_at=connection.linked_last_at,
                read_after_link=True,
                read_at=now,
            )
        confirm(identity_public_id=identity.public_id, company=company, by=by, now=now)


def mail_about(identity: CompanyIdentity, kind: str, episode, now: datetime) -> None:
    """Plan one mail of this kind about the connection of an identity, if there is an address."""
    company = identity.connection.company
    contact, key = company.primary_contact, f"{kind}:{episode}"
    if contact is None or company.emails.filter(dedupe_key=key).exists():
        return
    plan_link_email(
        kind=kind,
        dedupe_key=key,
        company=company,
        contact=contact,
        connection_id=identity.connection_id,
        now=now,
    )

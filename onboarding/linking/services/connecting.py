"""Making a connection, giving it up, and what stands in its way."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from onboarding.linking import stages
from onboarding.linking.models import (
    Category,
    CodatWrite,
    Company,
    Connection,
    CustomerSession,
    HistoryEntry,
    Lane,
    Platform,
)
from onboarding.linking.on_offer import on_offer

from .errors import AlreadyConnected, NotOnOffer
from .gathering import category_of, handed_over
from .looking import hint_now
from .offering import nearest
from .onboarding import add_act
from .recording import lock_company
from .restaging import being_deleted, being_disconnected, plan_write, restage

logger = logging.getLogger(__name__)


def connection_for(*, company: Company, platform_key: str) -> Connection | None:
    """The connection of that platform to carry on with: one to be signed in to comes first.

    Where several are allowed, one that is linked leaves room for the next once it is confirmed, or
    as soon as another was asked for: going back and pressing again is no wish for a second one.
    """
    present = list(company.connections.present().filter(platform_key=platform_key))
    if any(c.status == stages.LINKED for c in present) and _allows_many(present[0].source_type):
        being_made = company.writes.open().filter(
            kind=CodatWrite.Kind.CREATE_CONNECTION, target=platform_key
        )
        is_more_wanted = being_made.exists()
        present = [
            c
            for c in present
            if not (_is_settled(c) or (is_more_wanted and c.status == stages.LINKED))
        ]
    if any(connection.status == stages.PENDING_AUTH for connection in present):
        doomed = being_deleted(company)
        present = [connection for connection in present if connection.codat_id not in doomed]
    return nearest(present, linked_first=False)


def _is_settled(connection: Connection) -> bool:
    confirmed = connection.stage != stages.ConnectionStage.VERIFYING
    return connection.status == stages.LINKED and confirmed


def _allows_many(source_type: str) -> bool:
    categories = Category.objects.filter(allows_many=True)
    return any(source_type in category.source_types for category in categories)


def add_another(*, session: CustomerSession, platform: Platform, now: datetime) -> None:
    """One more of a software of which there may be several, whatever became of the others.

    One not signed in to yet is used. Raises NotOnOffer and AlreadyConnected.
    """
    with transaction.atomic():
        company = lock_company(session.company_id)
        begin_connection(session=session, platform=platform, now=now)
        known = connection_for(company=company, platform_key=platform.key)
        is_pending = known is not None and known.status == stages.PENDING_AUTH
        if not is_pending and _allows_many(platform.source_type):
            _plan_connection(company, platform, now)
            Lane.objects.filter(company=company).wake()


def _plan_connection(company: Company, platform: Platform, now: datetime) -> None:
    kind, body = CodatWrite.Kind.CREATE_CONNECTION, {"platform_key": platform.key}
    plan_write(company, kind, platform.key, body, now=now)


def in_the_way(*, company: Company, source_type: str, leaving: bool = False) -> Connection | None:
    """What is linked where only one is read at a time; None leaves the way free.

    What is being unlinked counts only for `leaving`: until Codat has done it, nobody may sign in
    to a second one. Raises NotOnOffer for a kind of software that is not offered.
    """
    categories = on_offer().all_categories
    slug = category_of(source_type, categories)
    category = next((c for c in categories if c.slug == slug and c.offered), None)
    if category is None:
        raise NotOnOffer
    if category.allows_many:
        return None
    linked = [
        connection
        for connection in company.connections.present().filter(status=stages.LINKED)
        if category_of(connection.source_type, categories) == slug
    ]
    ending = being_disconnected(company) if linked and not leaving else set()
    return next((each for each in linked if each.codat_id not in ending), None)


def is_prepared(*, company: Company, platform_key: str) -> bool:
    """Whether there is a connection to sign in to, and nothing else is still being unlinked."""
    connection = connection_for(company=company, platform_key=platform_key)
    if connection is None or connection.codat_id in being_disconnected(company):
        return False
    try:
        source_type = connection.source_type
        return in_the_way(company=company, source_type=source_type, leaving=True) is None
    except NotOnOffer:
        return True


def begin_connection(*, session: CustomerSession, platform: Platform, now: datetime) -> None:
    """Plan what must be made at Codat for this platform; what exists is used again.

    Raises NotOnOffer and AlreadyConnected.
    """
    with transaction.atomic():
        company = lock_company(session.company_id)
        # Asked anew: what pages show may be some seconds old.
        if not Platform.objects.on_offer().filter(pk=platform.pk).exists():
            raise NotOnOffer
        refuse_second(company, platform.source_type)
        _give_up_unfinished(company, platform, now)
        session.platform_key = platform.key
        session.save(update_fields=["platform_key"])
        if company.codat_id is None or company.gone_at:
            plan_write(
                company,
                CodatWrite.Kind.CREATE_COMPANY,
                "",
                {
                    "name": company.name_at_codat,
                    "tags": {"uid": str(company.public_id), "env": settings.CODAT_ENV},
                },
                now=now,
            )
        if connection_for(company=company, platform_key=platform.key) is None:
            _plan_connection(company, platform, now)
        restage(company, now=now)
        Lane.objects.filter(company=company).wake()


def refuse_second(company: Company, source_type: str) -> None:
    connection = in_the_way(company=company, source_type=source_type)
    if connection is not None:
        raise AlreadyConnected(connection)


def _give_up_unfinished(company: Company, platform: Platform, now: datetime) -> None:
    """What was begun with other software is deleted: its old link must not make it a second one.

    It was never linked, so nothing was read by it. What somebody else was asked to sign in to
    stays until something is linked.
    """
    categories = list(Category.objects.all())
    slug = category_of(platform.source_type, categories)
    if any(c.slug == slug and c.allows_many for c in categories):
        return
    begun = company.connections.present().filter(
        status=stages.PENDING_AUTH, linked_first_at=None, role=Connection.Role.SOURCE
    )
    asked_of_others = handed_over(company)
    for connection in begun.exclude(platform_key=platform.key):
        if category_of(connection.source_type, categories) != slug:
            continue
        if connection.platform_key not in asked_of_others:
            target = connection.codat_id
            body = {"connection_id": target}
            kind = CodatWrite.Kind.DELETE_CONNECTION
            plan_write(company, kind, target, body, now=now, once=True)


def needs_customer(*, connection: Connection) -> bool:
    """It is linked, but reads end for want of permission: only a new sign-in can mend that."""
    reason = stages.Reason.READ_NEEDS_CUSTOMER
    return connection.problems.open().filter(reason=reason).exists()


def is_about_to_end(*, connection: Connection) -> bool:
    """It works, but was not read for so long that the software may end the permission.

    Codat's documents name no way to prolong it but to disconnect and to sign in again.
    """
    reason = stages.Reason.ABOUT_TO_LAPSE
    return connection.problems.open().filter(reason=reason).exists()


def reconnects(*, connection: Connection) -> bool:
    """There is a business of before to choose again; where it was another's, there is none."""
    if connection.linked_first_at is None:
        return False
    answers = list(connection.identities.values_list("rejected_at", flat=True))
    return not answers or None in answers


def unlink(*, connection: Connection, now: datetime, by=None, session=None) -> None:
    """Stop reading; a second press changes nothing.

    The record stays at Codat, and the same connection can be linked again.
    """
    with transaction.atomic():
        company = lock_company(connection.company_id)
        _write, is_new = plan_write(
            company,
            CodatWrite.Kind.UNLINK_CONNECTION,
            stages.linking_episode(connection.codat_id, connection.linked_last_at),
            {"connection_id": connection.codat_id},
            now=now,
        )
        if is_new:
            act = HistoryEntry.UNLINK_ASKED
            add_act(company, act, by=by, session=session, now=now, connection=connection)
            restage(company, by=by, now=now)
        Lane.objects.filter(company=company).wake()


def delete(*, connection: Connection, by, now: datetime) -> None:
    """Have Codat delete it with all that was read through it, for good. Not done before asked.

    A second press changes nothing; nor does a press on what is deleted already.
    """
    with transaction.atomic():
        company = lock_company(connection.company_id)
        connection.refresh_from_db(fields=["deleted_at"])
        if connection.deleted_at:
            return
        _write, is_new = plan_write(
            company,
            CodatWrite.Kind.DELETE_WITH_DATA,
            connection.codat_id,
            {"connection_id": connection.codat_id},
            now=now,
        )
        if is_new:
            add_act(company, "delete_asked", by=by, now=now, connection=connection)
        hint_now(company=company)

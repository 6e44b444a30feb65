"""Whose company is it: comparing names, confirming, rejecting."""

import re
import unicodedata
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from rapidfuzz import fuzz

from onboarding.linking import stages
from onboarding.linking.models import CodatWrite, Company, CompanyIdentity, Lane
from onboarding.linking.models.invitation import Purpose

from . import invitations, looking
from .errors import OutdatedIdentity
from .onboarding import add_act
from .recording import lock_company
from .restaging import plan_write, restage

_LEGAL_FORMS = re.compile(
    r"\b(ltd|limited|llp|llc|plc|inc|incorporated|corp|corporation|co|company|gmbh|bv|sarl|pty)\b"
)
SAME_NAME = 90
"""Likeness (0 to 100) from which two cleaned names count as one name spelt differently."""


def _essence(name: str) -> str:
    """A name without case, accents, punctuation and legal form: what a person compares."""
    plain = unicodedata.normalize("NFKD", name).casefold().replace("&", " and ")
    # “L.L.C.” and “O'Hara” are read as one word each.
    plain = "".join(c for c in plain if not unicodedata.combining(c) and c not in ".'’")
    words = " ".join(re.findall(r"\w+", plain))
    return " ".join(_LEGAL_FORMS.sub(" ", words).split()) or words


def looks_the_same(*, company: Company, identity: CompanyIdentity) -> bool:
    """Whether the software's name, or legal name, reads like the one the customer gave."""
    given = _essence(company.true_name)
    found = [_essence(name) for name in (identity.name, identity.legal_name)]
    return any(given and name and fuzz.ratio(given, name) >= SAME_NAME for name in found)


def latest(*, connection) -> CompanyIdentity | None:
    """The identity read after the connection's present linking."""
    identity = connection.identities.first()
    if identity is None or not identity.read_after_link:
        return None
    return identity if identity.linked_at == connection.linked_last_at else None


_TO_BE_CONFIRMED = Q(status=stages.LINKED) | Q(
    # Read once, and disconnected as planned before anybody could answer.
    status=stages.DEAUTHORIZED,
    one_time=True,
    stage=stages.ConnectionStage.VERIFYING,
)


def awaiting(*, company: Company) -> CompanyIdentity | None:
    """The identity that somebody must confirm or reject now, None if there is none."""
    for connection in company.connections.present().filter(_TO_BE_CONFIRMED):
        identity = latest(connection=connection)
        if identity and not identity.confirmed_at and not identity.rejected_at:
            return identity
    return None


def _to_answer(company: Company, identity_public_id) -> CompanyIdentity:
    """The identity a form names, if it still is the one to answer. The company is locked."""
    identity = (
        CompanyIdentity.objects.select_related("connection")
        .filter(public_id=identity_public_id, connection__company=company)
        .first()
    )
    if identity is None or latest(connection=identity.connection) != identity:
        raise OutdatedIdentity
    return identity


def confirm(*, identity_public_id, company: Company, now: datetime, session=None, by=None) -> None:
    """“Yes, this is us.” A second press changes nothing."""
    with transaction.atomic():
        company = lock_company(company.pk)
        identity = _to_answer(company, identity_public_id)
        if identity.confirmed_at:
            return
        if identity.rejected_at:
            raise OutdatedIdentity
        identity.confirmed_at, identity.confirmed_by = now, by
        identity.save(update_fields=["confirmed_at", "confirmed_by"])
        connection = identity.connection
        add_act(company, "confirmed", by=by, session=session, now=now, connection=connection)
        invitations.finish(company=company, purpose=Purpose.RELINK, connection=connection, now=now)
        assessment = restage(company, by=by, now=now)
        if assessment.connections[connection.pk] is stages.ConnectionStage.READING:
            looking.hint_now(company=company, connections=False)
        if assessment.stage in (stages.Stage.READING, stages.Stage.READY):
            invitations.finish(company=company, purpose=Purpose.ONBOARD, now=now)


def reject(*, identity_public_id, company: Company, now: datetime, session=None, by=None) -> None:
    """“No, another business.” The record stays; the connection is unlinked by a write.

    What was confirmed only staff can take back: a page left open elsewhere must not disconnect.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        identity = _to_answer(company, identity_public_id)
        if identity.rejected_at:
            return
        if identity.confirmed_at and by is None:
            raise OutdatedIdentity
        identity.rejected_at, identity.confirmed_at = now, None
        identity.save(update_fields=["rejected_at", "confirmed_at"])
        connection = identity.connection
        add_act(company, "rejected", by=by, session=session, now=now, connection=connection)
        plan_write(
            company,
            CodatWrite.Kind.UNLINK_CONNECTION,
            stages.linking_episode(connection.codat_id, connection.linked_last_at),
            {"connection_id": connection.codat_id},
            now=now,
        )
        Lane.objects.filter(company=company).wake()
        restage(company, by=by, now=now)

"""What was read from a connection, as far as it is about the customer's own business."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from onboarding.linking import stages
from onboarding.linking.models import CompanyIdentity, Connection, LinkAttempt, PullOperation

Span = tuple[datetime, datetime]


def reads_of(connection: Connection) -> list[stages.OperationFacts]:
    """For a page or a mail about one connection."""
    refused = [each for each in connection.identities.all() if each.rejected_at]
    hops = list(connection.attempts.all()) if refused else []
    return read_facts(connection.operations.all(), refused_spans(refused, hops))


def read_facts(
    operations: Iterable[PullOperation], refused: Iterable[tuple[datetime, datetime]]
) -> list[stages.OperationFacts]:
    """One connection's reads; those asked for within `refused` are still to be made.

    What was read then are the books of a business that is not the customer's.
    """
    spans = list(refused)
    found = []
    for operation in operations:
        asked = operation.requested or operation.changed_at
        of_another = any(since <= asked <= until for since, until in spans)
        facts = stages.OperationFacts(
            codat_id=operation.codat_id,
            data_type=operation.data_type,
            status=stages.NOT_BEGUN if of_another else operation.status,
            requested=operation.requested,
            changed_at=operation.changed_at,
            description="" if of_another else operation.description,
            of_another=of_another,
        )
        found.append(facts)
    return found


def refused_spans(identities: Iterable[CompanyIdentity], hops: Sequence[LinkAttempt]) -> list[Span]:
    """(since, until) in which a connection read a business that turned out to be another one.

    From the hop to the sign-in where it was granted, since we see a linking later than Codat does,
    until somebody said that it is not the customer's.
    """
    spans = []
    for identity in identities:
        if identity.rejected_at and identity.linked_at:
            before = [hop.sent_at for hop in hops if hop.sent_at <= identity.linked_at]
            spans.append((max(before, default=identity.linked_at), identity.rejected_at))
    return spans

"""What each kind of write sends, how it is looked up after doubt, and what its answer changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import CodatWrite, Company, Platform

from . import strays
from .recording import record_connection, record_deleted
from .removals import record_own_deletion
from .restaging import being_deleted

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much Codat's clock may be behind ours, at most."""


class Kind:
    """One kind of write. `send` and `look_up` answer what `record` then stores."""

    needs_company = True

    def send(self, client: codat.Client, company: Company, write: CodatWrite) -> Any:
        raise TypeError(f"{type(self).__name__} sends nothing")

    def look_up(self, client: codat.Client, company: Company, write: CodatWrite) -> Any:
        """What is there already, None if nothing is."""
        return None

    def means_done(self, error: codat.CodatError) -> bool:
        """Whether this refusal only says that the thing is as wanted already."""
        return False

    def did_nothing(self, error: codat.CodatError) -> bool:
        """Whether this answer proves that nothing was done under its key, now or before."""
        return isinstance(error, codat.AccountLimitError | codat.ForbiddenError)

    def record(self, company: Company, answer: Any, now: datetime) -> str:
        """Store the answer for a locked company; returns Codat's id of what was made."""
        return ""


def _id(company: Company) -> str:
    if company.codat_id is None:
        raise ValueError("the company is not made at Codat yet")
    return company.codat_id


def _key(write: CodatWrite) -> str:
    return str(write.idempotency_key)


@dataclass(frozen=True)
class Found:
    """The company that was looked up, the oldest with our mark; `others` are for staff."""

    company: codat.Company
    others: list[str]


class CreateCompany(Kind):
    needs_company = False

    def send(self, client, company, write):
        return client.create_company(
            name=write.body["name"], tags=write.body["tags"], idempotency_key=_key(write)
        )

    def look_up(self, client, company, write):
        wanted = write.body["tags"]
        # Filtered at Codat, and again here: its documents disagree on what can be queried.
        found = [
            seen
            for seen in client.list_companies(tags=codat.where("uid", "=", wanted["uid"]))
            if seen.tags.get("uid") == wanted["uid"]
            and seen.tags.get("env", settings.CODAT_ENV) == settings.CODAT_ENV
        ]
        if not found:
            return None
        dated = [seen for seen in found if seen.created is not None]
        oldest = min(
            dated or found,
            key=lambda seen: (seen.created.timestamp() if seen.created else 0, seen.id),
        )
        return Found(oldest, [seen.id for seen in found if seen.id != oldest.id])

    def record(self, company, answer, now):
        if isinstance(answer, Found):
            strays.note(company, answer.others, now)
            answer = answer.company
        company.codat_id = answer.id
        company.name_at_codat = answer.name[:200]
        company.gone_at = company.missing_since = None
        company.save(update_fields=["codat_id", "name_at_codat", "gone_at", "missing_since"])
        return answer.id


class UpdateCompany(Kind):
    def send(self, client, company, write):
        return client.update_company(
            _id(company), name=write.body["name"], idempotency_key=_key(write)
        )

    def look_up(self, client, company, write):
        seen = client.get_company(_id(company))
        return seen if seen.name == codat.allowed_name(write.body["name"]) else None

    def record(self, company, answer, now):
        company.name_at_codat = answer.name[:200]
        company.save(update_fields=["name_at_codat"])
        return answer.id


class CreateConnection(Kind):
    def send(self, client, company, write):
        return client.create_connection(
            _id(company), platform_key=write.body["platform_key"], idempotency_key=_key(write)
        )

    def look_up(self, client, company, write):
        """The pending one; or one that was signed in to since, when a look had shown it before."""
        # What we deleted ourselves may still be listed for a while.
        deleted = set(being_deleted(company))
        earlier = set(company.writes.exclude(pk=write.pk).values_list("result_id", flat=True))
        made_after = write.created_at - CLOCKS_DIFFER
        listed = [
            seen
            for seen in client.list_connections(_id(company))
            if seen.integration_key == write.body["platform_key"] and seen.id not in deleted
        ]
        pending = (seen for seen in listed if seen.status == stages.PENDING_AUTH)
        signed_in = (
            seen
            for seen in listed
            if seen.id not in earlier and seen.created and seen.created > made_after
        )
        return next(pending, None) or next(signed_in, None)

    def record(self, company, answer, now):
        record_connection(company, answer, now)
        return answer.id


class UnlinkConnection(Kind):
    def send(self, client, company, write):
        try:
            return client.unlink_connection(
                _id(company), write.body["connection_id"], idempotency_key=_key(write)
            )
        except codat.InvalidRequestError:
            # Codat unlinks only what is linked. Whether that was the reason, it does not say.
            seen = self.look_up(client, company, write)
            if seen is None:
                raise
            return seen

    def look_up(self, client, company, write):
        seen = client.get_connection(_id(company), write.body["connection_id"])
        return seen if seen.status != stages.LINKED else None

    def means_done(self, error):
        # A deleted connection is not there at all.
        return isinstance(error, codat.NotFoundError)

    def record(self, company, answer, now):
        record_connection(company, answer, now)
        return answer.id


@dataclass(frozen=True)
class Deleted:
    """What a deletion answers: Codat itself says nothing."""

    codat_id: str


class DeleteConnection(Kind):
    """Only ever of what was never linked: what holds data is deleted by people."""

    def send(self, client, company, write):
        codat_id = write.body["connection_id"]
        try:
            seen = client.get_connection(_id(company), codat_id)
        except codat.NotFoundError:
            return Deleted(codat_id)
        ours = company.connections.filter(codat_id=codat_id)
        if seen.status != stages.PENDING_AUTH or ours.filter(linked_first_at__isnull=False):
            return seen  # signed in to meanwhile: it stays, and what follows is worked out anew
        client.delete_connection(_id(company), codat_id)
        return Deleted(codat_id)

    def look_up(self, client, company, write):
        codat_id = write.body["connection_id"]
        try:
            client.get_connection(_id(company), codat_id)
        except codat.NotFoundError:
            return Deleted(codat_id)
        return None

    def record(self, company, answer, now):
        if isinstance(answer, Deleted):
            record_deleted(company, answer.codat_id, now)
            return ""
        record_connection(company, answer, now)
        # What was to be opened in its place is not: Codat takes no second one beside it.
        rivals = Platform.objects.filter(source_type=answer.source_type).values("key")
        opening = company.writes.open().filter(kind=CodatWrite.Kind.CREATE_CONNECTION)
        opening.filter(target__in=rivals).update(done_at=now, outcome=CodatWrite.Outcome.DROPPED)
        return answer.id


class DeleteWithData(Kind):
    """What a senior asked to delete, whatever was read through it.

    A 404 is no proof that it is gone, for another account's key is answered so too: it closes the
    write, and the looks settle it as they do for what was deleted without us.
    """

    def send(self, client, company, write):
        client.delete_connection(_id(company), write.body["connection_id"])
        return write.body["connection_id"]

    def look_up(self, client, company, write):
        client.get_connection(_id(company), write.body["connection_id"])

    def means_done(self, error):
        return isinstance(error, codat.NotFoundError)

    def record(self, company, answer, now):
        for connection in company.connections.present().filter(codat_id=answer):
            record_own_deletion(company, connection, now=now)
        return ""


class RefreshAll(Kind):
    def send(self, client, company, write):
        client.refresh_all_data_types(_id(company), idempotency_key=_key(write))
        return ""

    def look_up(self, client, company, write):
        if write.body.get("again"):
            return None  # what was read before cannot be told from it, and once more does no harm
        wanted = write.body["connection_id"]
        operations = client.list_pull_operations(_id(company))
        begun = any(o.connection_id == wanted and o.status != "Initial" for o in operations)
        return "" if begun else None

    def record(self, company, answer, now):
        return answer


class RefreshDataType(Kind):
    def send(self, client, company, write):
        return client.refresh_data_type(
            _id(company),
            write.body["data_type"],
            connection_id=write.body["connection_id"],
            idempotency_key=_key(write),
        ).id

    def did_nothing(self, error):
        # A 409 without these words is our own key, still in flight.
        return "DatasetAlreadyInProgress" in error.detail or super().did_nothing(error)

    def record(self, company, answer, now):
        return answer


KINDS: dict[str, Kind] = {
    CodatWrite.Kind.CREATE_COMPANY: CreateCompany(),
    CodatWrite.Kind.UPDATE_COMPANY: UpdateCompany(),
    CodatWrite.Kind.CREATE_CONNECTION: CreateConnection(),
    CodatWrite.Kind.UNLINK_CONNECTION: UnlinkConnection(),
    CodatWrite.Kind.DELETE_CONNECTION: DeleteConnection(),
    CodatWrite.Kind.DELETE_WITH_DATA: DeleteWithData(),
    CodatWrite.Kind.REFRESH_ALL: RefreshAll(),
    CodatWrite.Kind.REFRESH_DATA_TYPE: RefreshDataType(),
}

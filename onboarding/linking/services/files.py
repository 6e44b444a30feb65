"""“Send files”, the other way in: what a customer sends instead of connecting software."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet

from onboarding.linking.models import Company, CustomerSession, HistoryEntry, SentFile

from .file_checks import Unfit, Why, clean_name, examine
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage

logger = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 20
MOST_OF_A_COMPANY: Final = 100
MOST_BYTES_OF_A_COMPANY: Final = 500 * 1024 * 1024
UNFINISHED: Final = ".upload"
"""Ends the name of a file that is still coming in, at the top of the storage."""
KEEP_UNFINISHED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not accepted, by the name its sender knows it by."""

    name: str
    why: Why
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class _Fit:
    upload: Any
    name: str
    kind: str
    sha256: str


def send(*, session: CustomerSession, uploads: Sequence[Any], now: datetime) -> list[Refused]:
    """Keep each of Django's uploaded files that is fit; returns those that were not accepted.

    The same file under the same name is kept once, however often it comes.
    """
    fit: list[_Fit] = []
    refused: list[Refused] = []
    for upload in uploads:
        name = clean_name(upload.name or "")
        try:
            kind = examine(upload, name=name, size=upload.size)
        except Unfit as unfit:
            refused.append(Refused(name, unfit.why, unfit.kind))
            continue
        fit.append(_Fit(upload, name, kind, hashlib.file_digest(upload, "sha256").hexdigest()))
    return [*refused, *_keep(session, fit, now)] if fit else refused


def _keep(session: CustomerSession, fit: list[_Fit], now: datetime) -> list[Refused]:
    refused: list[Refused] = []
    sent: list[str] = []
    invitation = session.invitation
    with transaction.atomic():
        company = lock_company(session.company_id)
        contact = invitation.recipient if invitation else company.primary_contact
        kept = {(each.sha256, each.name): each.size for each in company.files.kept()}
        for each in fit:
            if (each.sha256, each.name) in kept:
                continue
            room = MOST_BYTES_OF_A_COMPANY - sum(kept.values())
            if len(kept) >= MOST_OF_A_COMPANY or each.upload.size > room:
                refused.append(Refused(each.name, Why.NO_ROOM, each.kind))
                continue
            path = _store(company, each.upload)
            if not path:
                refused.append(Refused(each.name, Why.NOT_RECEIVED, each.kind))
                continue
            kept[each.sha256, each.name] = each.upload.size
            sent.append(each.name)
            SentFile.objects.create(
                company=company,
                contact=contact,
                name=each.name,
                kind=each.kind,
                size=each.upload.size,
                sha256=each.sha256,
                path=path,
                sent_at=now,
            )
        if sent:
            text = ", ".join(sent)[:500]
            add_act(company, HistoryEntry.FILES_SENT, session=session, now=now, text=text)
            restage(company, now=now)
    return refused


def _store(company: Company, upload: Any) -> str:
    upload.seek(0)
    try:
        return storages["files"].save(f"{company.public_id}/{uuid4().hex}", upload)
    except OSError as error:
        logger.error("file_not_stored company=%s %s", company.public_id, type(error).__name__)
        return ""


def remove(*, session: CustomerSession, public_id: UUID, now: datetime) -> None:
    """The customer takes one back: its bytes go at once. One that is gone already stays so."""
    with transaction.atomic():
        company = lock_company(session.company_id)
        found = company.files.kept().filter(public_id=public_id).first()
        if found is None:
            return
        found.removed_at = now
        found.save(update_fields=["removed_at"])
        add_act(company, HistoryEntry.FILE_REMOVED, session=session, now=now, text=found.name)
        restage(company, now=now)
    clear_bytes(company.files)


def erase(*, company: Company, now: datetime) -> None:
    """Mark everything sent by a locked company as removed; after commit its bytes are gone.

    Whatever else lies in its folder goes too, such as what a broken transaction left there.
    """
    company.files.kept().update(removed_at=now)
    transaction.on_commit(lambda: _empty_folder(company))


def _empty_folder(company: Company) -> None:
    clear_bytes(company.files)
    storage = storages["files"]
    try:
        _folders, names = storage.listdir(str(company.public_id))
    except FileNotFoundError:
        return
    for name in names:
        storage.delete(f"{company.public_id}/{name}")


def clear_bytes(files: QuerySet[SentFile]) -> int:
    """Delete the bytes of removed files that still have any; returns how many."""
    cleared = 0
    for each in files.filter(removed_at__isnull=False).exclude(path=""):
        storages["files"].delete(each.path)
        each.path = ""
        each.save(update_fields=["path"])
        cleared += 1
    return cleared


def clear_unfinished(*, now: datetime) -> int:
    """Delete what was left of uploads that a killed process never ended; returns how many."""
    storage = storages["files"]
    try:
        names = [name for name in storage.listdir("")[1] if name.endswith(UNFINISHED)]
    except FileNotFoundError:
        return 0
    old = [n for n in names if storage.get_modified_time(n) < now - KEEP_UNFINISHED]
    for name in old:
        storage.delete(name)
    return len(old)


def look_at(*, company: Company, newest: UUID, by: Any, now: datetime) -> None:
    """Staff have looked at the files up to the newest that their page showed."""
    with transaction.atomic():
        company = lock_company(company.pk)
        shown = company.files.filter(public_id=newest).first()
        if shown is None:
            return
        if company.files.waiting().filter(pk__lte=shown.pk).update(seen_at=now):
            add_act(company, HistoryEntry.FILES_SEEN, by=by, now=now)
            restage(company, by=by, now=now)


def note_download(*, file: SentFile, by: Any, now: datetime) -> None:
    """Who took a copy, and when, is part of the history."""
    add_act(file.company, HistoryEntry.FILE_DOWNLOADED, by=by, now=now, text=file.name)

"""Working out what follows from the facts of one company, and storing it.

`restage` is the only writer of stages and problems, and plans writes and mails. Everything that
changes a fact of ours (a session, a permission, a confirmation) calls it under the company's lock.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from onboarding.linking import stages
from onboarding.linking.models import (
    CodatWrite,
    Company,
    HistoryEntry,
    Invitation,
    Lane,
    Problem,
)
from onboarding.linking.models.invitation import Purpose

from .gathering import gather
from .mail_planning import plan_emails


def timing() -> stages.Timing:
    return stages.Timing(
        first_read_grace=timedelta(seconds=settings.FIRST_READ_GRACE_SECONDS),
        stalled_after=timedelta(seconds=settings.READ_STALLED_SECONDS),
        stopped_after=timedelta(seconds=settings.STOPPED_SECONDS),
        loss_mail_after=timedelta(seconds=settings.LOSS_MAIL_SECONDS),
        elsewhere_after=timedelta(seconds=settings.LINKED_ELSEWHERE_SECONDS),
        remind_after=tuple(timedelta(days=days) for days in settings.REMINDER_DAYS),
    )


def _finish_hand_overs(company: Company, now: datetime) -> bool:
    """End the links of helpers who have done their part; True if there were any."""
    live = company.invitations.filter(purpose=Purpose.DELEGATE, ended_at__isnull=True)
    linked = company.connections.present().filter(status=stages.LINKED) if live else ()
    done = [
        each.pk
        for each in live
        if any(
            # Asked before it was made, the link names the software only; older ones do not count.
            each.connection_id == c.pk
            or (
                (each.connection_id is None and c.platform_key == each.platform_key)
                and c.linked_last_at
                and c.linked_last_at >= each.created_at
            )
            for c in linked
        )
    ]
    ended = company.invitations.filter(pk__in=done)
    return bool(done and ended.update(ended_at=now, ended_why=Invitation.EndedWhy.FINISHED))


def assess_company(company: Company, *, now: datetime) -> stages.Assessment:
    return stages.assess(gather(company), now, timing())


def restage(
    company: Company, *, now: datetime, by=None, holding_lane: bool = False
) -> stages.Assessment:
    """Work everything out again for a locked company, store it, plan what follows.

    Outside a turn somebody acted, staff if `by` is given: the lane is woken for what was planned.
    A turn works out its own next due time.
    """
    assessment = assess_company(company, now=now)
    before = company.stage
    for _ in store(company, assessment, now):
        pass
    if company.stage != before:
        acted = HistoryEntry.Source.STAFF if by else HistoryEntry.Source.CUSTOMER
        HistoryEntry.objects.create(
            company=company,
            kind=HistoryEntry.Kind.STATUS,
            at=now,
            source=HistoryEntry.Source.READ if holding_lane else acted,
            actor=by.get_full_name() if by else "",
            subject="stage",
            before=before,
            after=company.stage,
        )
    planned = _plan_writes(company, assessment, now)
    plan_emails(company, assessment, now)
    if _finish_hand_overs(company, now):
        assessment = assess_company(company, now=now)
        for _ in store(company, assessment, now):
            pass
    if not holding_lane:
        lane = Lane.objects.filter(company=company)
        if planned:
            lane.wake()
        elif assessment.changes_at:
            lane.wake_by(assessment.changes_at)
    return assessment


def store(
    company: Company, assessment: stages.Assessment, now: datetime, *, dry_run: bool = False
) -> Iterator[tuple[str, str, str]]:
    """Bring stored stages and problems up to date; yields each difference (what, before, after)."""
    for name, after in (
        ("stage", assessment.stage.value),
        ("link_status", assessment.link_status.value),
    ):
        before = getattr(company, name)
        if before != after:
            yield name, before, after
            if not dry_run:
                setattr(company, name, after)
                company.save(update_fields=[name])
    for connection in company.connections.filter(pk__in=assessment.connections):
        after = assessment.connections[connection.pk].value
        if connection.stage != after:
            yield f"stage of connection {connection.pk}", connection.stage, after
            if not dry_run:
                connection.stage = after
                connection.save(update_fields=["stage"])
    yield from _store_problems(company, assessment, now, dry_run=dry_run)


def _store_problems(company, assessment, now, *, dry_run):
    stored = {
        (problem.reason, problem.connection_id): problem
        for problem in Problem.objects.filter(company=company).open()
    }
    wanted = {(reason.value, connection_id) for reason, connection_id in assessment.problems}
    for key in wanted - stored.keys():
        yield f"problem {key[0]}", "", "open"
        if not dry_run:
            Problem.objects.create(company=company, reason=key[0], connection_id=key[1], since=now)
    for key in stored.keys() - wanted:
        yield f"problem {key[0]}", "open", ""
        if not dry_run:
            problem = stored[key]
            problem.cleared_at = now
            problem.save(update_fields=["cleared_at"])


def being_disconnected(company: Company) -> set[str]:
    """Codat's ids of the connections that it is, or is about to be, asked to unlink."""
    writes = company.writes.open().filter(kind=CodatWrite.Kind.UNLINK_CONNECTION)
    return {body.get("connection_id", "") for body in writes.values_list("body", flat=True)}


def being_deleted(company: Company) -> set[str]:
    """Codat's ids of the connections that we asked it to delete, or have; none is used again.

    A deletion that found it signed in to meanwhile has a result, and counts no more.
    """
    kinds = (CodatWrite.Kind.DELETE_CONNECTION, CodatWrite.Kind.DELETE_WITH_DATA)
    writes = company.writes.filter(kind__in=kinds, result_id="")
    writes = writes.exclude(outcome=CodatWrite.Outcome.REFUSED)
    return set(writes.values_list("target", flat=True))


def _plan_writes(company: Company, assessment: stages.Assessment, now: datetime) -> bool:
    """Commit a row for each thing wanted of Codat, once per target. True if any is new."""
    planned = False
    for wanted in assessment.writes:
        connection = company.connections.get(pk=wanted.connection_id)
        body = {"connection_id": connection.codat_id}
        if wanted.data_type:
            body["data_type"] = wanted.data_type
        planned |= plan_write(company, wanted.kind, wanted.target, body, now=now, once=True)[1]
    return planned


def plan_write(
    company: Company, kind: str, target: str, body: dict, *, now: datetime, once: bool = False
) -> tuple[CodatWrite, bool]:
    """The open write of this kind and target, made if there is none; `once` counts done ones too.

    The company must be locked.
    """
    rows = CodatWrite.objects.filter(company=company, kind=kind, target=target)
    known = (rows if once else rows.open()).order_by("-pk").first()
    if known:
        return known, False
    write = CodatWrite.objects.create(
        company=company, kind=kind, target=target, body=body, key_made_at=now, due_at=now
    )
    return write, True

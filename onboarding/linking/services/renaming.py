"""One name after the other: which of several renames at Codat is sent, and when."""

from datetime import datetime

from onboarding.linking.models import CodatWrite, Company, Lane

from .restaging import plan_write


def plan_rename(company: Company, name: str, *, now: datetime) -> None:
    """Have Codat show this name, whatever was asked before. The company must be locked.

    A rename that did not leave us is dropped. One that may have arrived stays, and the new one
    waits for it (`CodatWriteQuerySet.in_turn`): sent side by side, the older could come last.
    """
    renames = company.writes.open().filter(kind=CodatWrite.Kind.UPDATE_COMPANY)
    not_sent = renames.filter(doubtful=False)
    not_sent.update(done_at=now, outcome=CodatWrite.Outcome.DROPPED)
    in_doubt = renames.order_by("-pk").first()
    shown_in_the_end = in_doubt.body["name"] if in_doubt else company.name_at_codat
    if name == shown_in_the_end:
        return
    plan_write(company, CodatWrite.Kind.UPDATE_COMPANY, name[:160], {"name": name}, now=now)
    Lane.objects.filter(company=company).wake()

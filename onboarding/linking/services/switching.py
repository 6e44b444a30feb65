"""Changing from one accounting software to another, in one act."""

from datetime import datetime

from django.db import transaction

from onboarding.linking import stages
from onboarding.linking.models import CodatWrite, CustomerSession, HistoryEntry, Platform
from onboarding.linking.models.invitation import Purpose

from .connecting import begin_connection, in_the_way
from .onboarding import add_act
from .recording import lock_company
from .restaging import plan_write


def switch(*, session: CustomerSession, platform: Platform, now: datetime) -> None:
    """Close what is in the way of `platform` and open it, for the same company.

    Both writes are committed together and sent in this order, however long Codat is away: nobody
    can sign in to the new one before Codat has unlinked the old one, whose record stays. A second
    press finds both begun. With nothing in the way it only begins. Raises NotOnOffer.
    """
    with transaction.atomic():
        company = lock_company(session.company_id)
        old = in_the_way(company=company, source_type=platform.source_type)
        if old is not None and old.platform_key != platform.key:
            plan_write(
                company,
                CodatWrite.Kind.UNLINK_CONNECTION,
                stages.linking_episode(old.codat_id, old.linked_last_at),
                {"connection_id": old.codat_id},
                now=now,
            )
            act = HistoryEntry.SWITCHED
            add_act(company, act, session=session, now=now, connection=old, text=platform.name)
            company.invitations.finish(purpose=Purpose.RELINK, connection=old, now=now)
        begin_connection(session=session, platform=platform, now=now)

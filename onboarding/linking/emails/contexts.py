"""What goes into each kind of mail beside the names: one function per kind."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from onboarding.linking.data_types import customer_words
from onboarding.linking.invitation_links import absolute_url, invitation_url, stop_url
from onboarding.linking.models import (
    Category,
    CompanyIdentity,
    Consent,
    Invitation,
    OutgoingEmail,
    Platform,
)
from onboarding.linking.models.invitation import Way, way_linked
from onboarding.linking.on_offer import on_offer
from onboarding.linking.reads_that_count import reads_of
from onboarding.linking.stages import (
    LINKED,
    PENDING_AUTH,
    ConnectionStage,
    Reading,
    Stage,
    first_read,
)
from onboarding.ui.templatetags.ui import short_date


def _invitation(row: OutgoingEmail) -> dict:
    """`on_computer`: the software is set up on the computer that has it; there is no sign-in."""
    sender = row.invitation.sent_by
    return {
        "url": invitation_url(row.invitation),
        "expires_at": row.invitation.expires_at,
        "sender": sender.get_full_name() if sender else "",
        "note": row.invitation.note,
        "software": row.connection.platform_name if row.connection else "",
        "on_computer": _needs_computer(row.connection.platform_key if row.connection else ""),
    }


def _needs_computer(platform_key: str) -> bool:
    platform = on_offer().known_platform(platform_key)
    return platform is not None and platform.needs_computer


def _beginning(row: OutgoingEmail) -> dict:
    """`one`: the software to go to, where nothing is left to choose."""
    offers = on_offer()
    one = offers.platform(row.invitation.platform_key) or offers.only_platform
    return {
        **_invitation(row),
        "one": one.name if one else "",
        "on_computer": one is not None and one.needs_computer,
    }


def _new_link(row: OutgoingEmail) -> dict:
    return {**_invitation(row), "asked_at": row.invitation.created_at}


def _first_read_done(row: OutgoingEmail) -> dict:
    reads = first_read(reads_of(row.connection))

    def words(wanted: Reading) -> list[str]:
        return _words_of(name for name, reading in sorted(reads.items()) if reading is wanted)

    return {
        **_invitation(row),
        "data_types": words(Reading.DONE),
        "not_offered": words(Reading.NOT_OFFERED),
        "is_all_done": row.company.stage == Stage.READY,
        "still_to_connect": _still_to_connect(row),
    }


def _still_to_connect(row: OutgoingEmail) -> list[str]:
    """The kinds of software that are needed and of which nothing is linked."""
    linked = row.company.connections.present().filter(status=LINKED)
    source_types = {*linked.values_list("source_type", flat=True), row.connection.source_type}
    needed = Category.objects.filter(required=True, offered=True)
    return [each.name for each in needed if source_types.isdisjoint(each.source_types)]


def _delegate(row: OutgoingEmail) -> dict:
    platform = Platform.objects.filter(key=row.invitation.platform_key).only("name").first()
    known = _invitation(row)
    asker = row.invitation.asked_by
    return {
        **known,
        "software": known["software"] or (platform.name if platform else ""),
        "on_computer": _needs_computer(row.invitation.platform_key),
        "asker": (asker and asker.name) or row.company.true_name,
    }


def _delegate_done(row: OutgoingEmail) -> dict:
    done = row.company.invitations.filter(
        purpose="delegate", platform_key=row.connection.platform_key
    ).first()
    return {**_invitation(row), "helper": _helper(done)}


def _helper(asked: Invitation | None) -> str:
    """Who was asked; a link that was passed on by hand may know no name."""
    person = asked.recipient if asked else None
    return (person and (person.name or person.email)) or _("The person you asked")


def _delegate_declined(row: OutgoingEmail) -> dict:
    links = row.company.invitations.filter(purpose="delegate", ended_why="declined")
    asked = links.order_by("-ended_at").first()
    platform = asked and Platform.objects.filter(key=asked.platform_key).only("name").first()
    software = platform.name if platform else _("your software")
    return {**_invitation(row), "helper": _helper(asked), "software": software}


def _deletion_asked(row: OutgoingEmail) -> dict:
    asked_at = row.company.history.deletion_asked_at()
    days = timedelta(days=settings.DELETION_ANSWER_DAYS)
    return {**_invitation(row), "answer_by": asked_at and asked_at + days}


def _deletion_answered(row: OutgoingEmail) -> dict:
    answer = row.company.history.deletion_answer()
    return {
        **_invitation(row),
        "is_carried_out": answer is not None and answer.subject == answer.DELETION_CARRIED_OUT,
        "answer": answer.text if answer else "",
    }


def _to_computer(row: OutgoingEmail) -> dict:
    platform = Platform.objects.filter(key=row.invitation.platform_key).without_pictures().first()
    connected = row.company.connections.present().filter(
        platform_key=row.invitation.platform_key, status=LINKED
    )
    return {
        **_invitation(row),
        "is_linked": connected.exists(),
        "software": platform.name if platform else "",
        "set_up_by": platform.set_up_by if platform else "",
    }


SAME = CompanyIdentity.Compared.SAME


def _connected(row: OutgoingEmail) -> dict:
    """With what somebody said of the business, and the permission as given: the receipt of both."""
    platform_key = row.connection.platform_key
    consent = row.company.consents.filter(platform_key=platform_key).first()
    day = date_format(consent.at, "Y-m-d") if consent else ""
    identity = row.connection.identity
    is_answered = identity is not None and identity.confirmed_at and identity.compared != SAME
    return {
        **(_whose(row) if is_answered else _invitation(row)),
        "linked_at": row.connection.linked_last_at,
        "asks": row.connection.stage == ConnectionStage.VERIFYING,
        "needs_computer": Platform.objects.filter(key=platform_key, is_offline=True).exists(),
        "data_types": _words_of(consent.data_types) if consent else [],
        "attached": {f"permission-{day}.txt": _permission(consent)} if consent else {},
    }


def _permission(consent: Consent) -> str:
    given = short_date(consent.at, "H:i e")
    version = _("Given on %(moment)s, version %(version)d of the words")
    return version % {"moment": given, "version": consent.version} + "\n\n" + consent.text


def _words_of(data_types: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(customer_words(name) for name in data_types))


LAPSES_AFTER_IDLE = timedelta(days=15)
"""Some software ends a permission that was not used for 60 to 100 days (FACTS 3.5); it counts as
idle so long before, by default after 45 days."""


def _about_to_end(row: OutgoingEmail) -> dict:
    """With the day on which it may end, as long as that lies ahead."""
    last_read_at = row.connection.last_read_at
    platform = Platform.objects.filter(key=row.connection.platform_key).without_pictures().first()
    lapses_after = (platform or Platform()).idle_after + LAPSES_AFTER_IDLE
    ends_at = last_read_at and last_read_at + lapses_after
    is_ahead = ends_at is not None and timezone.localdate(ends_at) > timezone.localdate()
    return {
        **_invitation(row),
        "last_read_at": last_read_at,
        "ends_at": ends_at if is_ahead else None,
        "unused_days": lapses_after.days,
    }


def _reminder(row: OutgoingEmail) -> dict:
    """Which of the three it is stands at the end of its key."""
    number = row.dedupe_key.rpartition(":")[2]
    attempt = row.company.connections.present().filter(status=PENDING_AUTH).last()
    about = row.connection or attempt
    known = _invitation(row) if about else _beginning(row)
    is_lost = row.connection is not None
    return {
        **known,
        "software": about.platform_name if about else "",
        "on_computer": _needs_computer(about.platform_key) if about else known["on_computer"],
        "number": int(number) if number.isdigit() else 1,
        "is_lost": is_lost,
        "is_unopened": not is_lost and row.company.stage == Stage.INVITED,
        "is_to_confirm": not is_lost and row.company.stage == Stage.CONFIRMING,
        "stop_url": stop_url(row.invitation),
    }


def _access_lost(row: OutgoingEmail) -> dict:
    return {**_invitation(row), "since": row.connection.status_changed_at}


def _whose(row: OutgoingEmail) -> dict:
    """The names of both businesses; the new one only if it was chosen in one of our browsers."""
    identity = row.connection.identity
    is_shown = way_linked(row.connection) == Way.HERE or (identity and identity.confirmed_at)
    before = identity.compared_with if identity else None
    confirmed_by = identity.confirmed_by if identity else None
    return {
        **_invitation(row),
        "found": identity.display_name if identity and is_shown else "",
        "before": (before.display_name if before else "") or row.company.true_name,
        "confirmed_at": identity and identity.confirmed_at,
        "tell_url": absolute_url(reverse("journey:write_as_visitor")),
        "confirmed_by": confirmed_by.get_full_name() if confirmed_by else "",
    }


def _already_with_us(row: OutgoingEmail) -> dict:
    """No link of this customer works any more: the address is the door for everybody."""
    return {
        "url": absolute_url(reverse("journey:way_in")),
        "software": row.connection.platform_name if row.connection else "",
    }


CONTEXT = {
    "start": _beginning,
    "carry_on": _invitation,
    "onboard": _beginning,
    "relink": _invitation,
    "new_link": _new_link,
    "sign_in": _invitation,
    "first_read_done": _first_read_done,
    "access_lost": _access_lost,
    "works_again": _invitation,
    "disconnected": _invitation,
    "to_computer": _to_computer,
    "connected": _connected,
    "delegate": _delegate,
    "delegate_done": _delegate_done,
    "delegate_declined": _delegate_declined,
    "about_to_end": _about_to_end,
    "reminder": _reminder,
    "deletion_asked": _deletion_asked,
    "deletion_answered": _deletion_answered,
    "other_business": _whose,
    "name_confirmed": _whose,
    "name_to_confirm": _invitation,
    "checked": _invitation,
    "already_with_us": _already_with_us,
}

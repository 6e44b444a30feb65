"""What is true, in the customer's words: on the progress page and around it.

Headings, sentences and buttons hold `{software}`, `{found}`, `{business}`, `{email}`: whole
sentences for translators, filled in with the names isolated from the writing direction around.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from onboarding.linking.data_types import customer_words
from onboarding.linking.models import Company, Connection, Platform
from onboarding.linking.platform_notes import ASKS_FOR_ADDRESS, ASKS_FOR_KEYS
from onboarding.linking.services import doubles
from onboarding.linking.services.comparing import Difference
from onboarding.linking.stages import Reading
from onboarding.ui.templatetags.ui import unbroken, whole

from .standing import Kind, Progress
from .steps import address


@dataclass(frozen=True)
class Act:
    """A button that goes to another page; the first of a page is its primary one."""

    text: SafeString
    url: str


@dataclass(frozen=True)
class Words:
    heading: SafeString
    sentences: list[SafeString]
    acts: list[Act]
    checks: bool
    """“Check again” is one of the buttons, so that no second one is needed."""


TRY_AGAIN = (_("Try {software} again"), "leave")
GO = (_("Go to {software}"), "leave")
GO_AGAIN = (_("Go to {software} again"), "leave")
CHOOSE_AGAIN = (_("Choose {before} in {software}"), "leave")
RECONNECT = (_("Reconnect {software}"), "leave")
OTHER_SOFTWARE = (_("Choose different software"), "choose")
CHECK_AGAIN = (_("Check again"), "progress")
CARRY_ON = (_("Carry on"), "choose")
CONNECTIONS = (_("Your connections"), "connections")
ELSE_HAS_LOGIN = (_("Someone else has the login"), "hand_over")
TURNED_ON = (_("I turned it on, check again"), "progress")
OPENED = (_("I opened it, check again"), "progress")
SEND_FILES = (_("Send files"), "send_files")
CONTACT_ME = (_("Ask us to contact you"), "not_listed")
ADD_ANOTHER = (_("Add another"), "choose")

PAGES: Final[Mapping[Kind, tuple[Any, list[Any], list[Any]]]] = {
    Kind.CHECKING: (
        _("We are checking with {software}"),
        [
            _("You did your part. {software} has not told us yet. This can take a few minutes."),
            _("You may close this page. We will e-mail {email} when it is connected."),
        ],
        [CHECK_AGAIN],
    ),
    Kind.CANCELLED: (
        _("{software} is not connected yet"),
        [_("The connection stopped before the end. Nothing was shared.")],
        [TRY_AGAIN, OTHER_SOFTWARE],
    ),
    Kind.FAILED: (
        _("{software} could not connect"),
        [
            _("Something went wrong on the way to {software}. It is not something you did."),
            _("Your answers are saved. If it happens twice, call us with the reference."),
        ],
        [TRY_AGAIN, OTHER_SOFTWARE],
    ),
    Kind.NOT_SUPPORTED: (
        _("We cannot connect this kind of {software} yet"),
        [
            _("Some versions cannot be connected."),
            _("Choose other software that you use, or ask us to contact you: we find another way."),
        ],
        [OTHER_SOFTWARE, CONTACT_ME, TRY_AGAIN],
    ),
    Kind.UNHEARD: (
        _("Did you finish at {software}?"),
        [
            _("We have not heard from {software}."),
            _("If you allowed access, wait a moment: we keep checking. If not, go again."),
        ],
        [CHECK_AGAIN, GO_AGAIN, OTHER_SOFTWARE],
    ),
    Kind.UNCHANGED: (
        _("Nothing was changed at {software}"),
        [_("You came back before connecting. You can go again whenever you like.")],
        [GO, OTHER_SOFTWARE],
    ),
    Kind.ALREADY: (
        _("{software} is already connected"),
        [_("Nothing has changed and nothing more is needed.")],
        [CONNECTIONS],
    ),
    Kind.NAMING: (
        _("Reading your business name from {software}"),
        [
            _("{software} is connected. This usually takes under a minute."),
            _("We look again by ourselves."),
        ],
        [],
    ),
    Kind.SLOW: (
        _("{software} is taking longer than usual"),
        [
            _("It is connected. We will ask you to check the name when we have it."),
            _("You can carry on."),
        ],
        [CHECK_AGAIN],
    ),
    Kind.ELSEWHERE: (
        _("{software} was connected outside this browser"),
        [
            _("To keep it safe, we show the business name only through a link in our e-mail."),
            _("We can send the link to {email}. Nothing is used before you answer."),
        ],
        [],
    ),
    Kind.READING: (
        _("We are reading your information"),
        [_("You may close this page. We will e-mail {email} when it is done.")],
        [CONNECTIONS, ADD_ANOTHER],
    ),
    Kind.MACHINE_OFF: (
        _("We are waiting for the computer with {software}"),
        [
            _(
                "{software} is connected. We read when that computer is on and the connector is "
                "open."
            ),
            _("Nothing is lost. You may close this page. We will e-mail {email} when it is done."),
        ],
        [TURNED_ON],
    ),
    Kind.OPEN_BUSINESS: (
        _("Open {business} in {software}"),
        [
            _("Reading waits until that business and the connector are open on the computer."),
            _("Nothing is lost. You may close this page. We will e-mail {email} when it is done."),
        ],
        [OPENED],
    ),
    Kind.NIGHT: (
        _("{software} is read at night"),
        [
            _("It is connected. Reading runs from {from} to {until}, unless you chose otherwise."),
            _("Leave the computer, {software} and its connector on tonight."),
            _("You may close this page. We will e-mail {email} when it is done."),
        ],
        [CONNECTIONS],
    ),
    Kind.RETRYING: (
        _("We are trying to read some information again"),
        [_("Nothing to do. If it does not work by tomorrow, we contact you.")],
        [CONNECTIONS],
    ),
    Kind.NEEDS_SIGN_IN: (
        _("{software} has ended the permission"),
        [
            _("This can happen when a password changes or after a long pause."),
            _("Reconnect the same business; nothing read is lost."),
        ],
        [RECONNECT, CONNECTIONS],
    ),
    Kind.NEEDS_ADMIN: (
        _("{software} needs an administrator"),
        [
            _("Only someone with an administrator login can allow all of this."),
            _("What was read so far is kept."),
        ],
        [ELSE_HAS_LOGIN, TRY_AGAIN],
    ),
    Kind.READ_ONCE: (
        _("We have what we need from {software}"),
        [
            _("It was read once and has disconnected, as planned. Nothing to do for it."),
            _("You can now connect what is still missing."),
        ],
        [CARRY_ON, CONNECTIONS],
    ),
    Kind.READ: (
        _("We have read what we need from {software}"),
        [_("You can now connect what is still missing.")],
        [CARRY_ON, CONNECTIONS],
    ),
    Kind.REJECTING: (
        _("We are disconnecting {found}"),
        [_("This takes a few seconds. Then you can choose {business}.")],
        [],
    ),
    Kind.REJECTED: (
        _("We have disconnected {found}"),
        [_("We read nothing more from it. Now choose {business} when {software} asks.")],
        [TRY_AGAIN, OTHER_SOFTWARE],
    ),
    Kind.OTHER_BUSINESS: (
        _("This is a different business"),
        [
            _("Before, you connected {before}. This time {software} sent {found}."),
            _("We disconnected it again, so that the two are not mixed."),
            _("If {before} is now called {found}, tell us."),
        ],
        [CHOOSE_AGAIN],
    ),
    Kind.COMPARING: (
        _("We need to check one thing first"),
        [
            _("We will look at it and e-mail {email} by {date}."),
            _("Your answers are saved. There is nothing you have to do."),
        ],
        [],
    ),
    Kind.LOST: (
        _("{software} has ended the permission"),
        [
            _("This can happen when a password changes or after a long pause."),
            _("Reconnect the same business; nothing read is lost."),
        ],
        [RECONNECT, CONNECTIONS],
    ),
    Kind.ENDED: (
        _("{software} is disconnected"),
        [_("We no longer read from it. You can connect it again whenever you like.")],
        [RECONNECT, OTHER_SOFTWARE],
    ),
}

OF_ONE_UNSEEN = [
    _("Before, you connected {before}. This time {software} sent another business."),
    _("We disconnected it again, so that the two are not mixed."),
]
CLAIMED = (
    _("You told us that it is the same business"),
    [
        _("Before, you connected {before}. This time {software} sent {found}."),
        _("We will look at it and e-mail {email}."),
    ],
)
BY_FILES = (
    [_("Some versions cannot be connected. You can send us files instead.")],
    [SEND_FILES, OTHER_SOFTWARE, CONTACT_ME, TRY_AGAIN],
)
AS_IT_WAS = _("The connection stopped before the end. Everything is as it was.")
AND_AT_WEEKENDS = _(
    "It is connected. Reading runs from {from} to {until} and at weekends, unless you chose "
    "otherwise."
)
ONE_KIND_AGAIN = _("We are trying “{kind}” again")


def fill(text: Any, names: Mapping[str, str]) -> SafeString:
    """A translated sentence with the names in `<bdi>`, escaped; no line ends within “e-mail”."""
    isolated = {key: format_html("<bdi>{}</bdi>", name) for key, name in names.items()}
    held = re.sub("e-mail", lambda word: whole(word[0]), str(text), flags=re.IGNORECASE)
    return format_html(held, **isolated)


def words_of(progress: Progress, company: Company, *, email: str) -> Words:
    """Heading, sentences and buttons of the progress page; `email` comes masked."""
    connection = progress.connection
    assert connection is not None  # noqa: S101  the other kinds have pages of their own
    heading, sentences, acts = PAGES[progress.kind]
    if progress.kind is Kind.CANCELLED and connection.linked_first_at:
        sentences = [AS_IT_WAS]
    if progress.kind is Kind.NOT_SUPPORTED and settings.SEND_FILES:
        sentences, acts = BY_FILES
    if progress.kind is Kind.NIGHT and progress.platform and progress.platform.read_at_weekends:
        sentences = [AND_AT_WEEKENDS, *sentences[1:]]
    again = [each for each in progress.data_types if each.reading is Reading.RETRYING]
    if progress.kind is Kind.RETRYING and len(again) == 1:
        heading = ONE_KIND_AGAIN
    identity = progress.identity
    if progress.kind is Kind.OTHER_BUSINESS and identity:
        if identity.claimed_at:
            heading, sentences = CLAIMED
        sentences = sentences if progress.is_shown else OF_ONE_UNSEEN
    found = identity.display_name if identity and progress.is_shown else ""
    before = identity.compared_with if identity else None
    names = {
        "before": (before.display_name if before else "") or company.true_name,
        "software": unbroken(connection.platform_name),
        "found": found or connection.platform_name,
        "business": company.true_name,
        "email": email,
        "date": _day(doubles.answer_due(identity)) if identity else "",
        "kind": customer_words(again[0].data_type) if again else "",
        **_hours(progress.platform),
    }
    buttons = [Act(fill(text, names), _address(page, company, connection)) for text, page in acts]
    old = progress.left_behind
    if old is not None and old.platform_key:
        text = fill(RECONNECT[0], {"software": old.platform_name})
        buttons.append(Act(text, _address("leave", company, old)))
    return Words(
        heading=fill(heading, names),
        sentences=[fill(sentence, names) for sentence in sentences],
        acts=buttons,
        checks=bool({CHECK_AGAIN, TURNED_ON, OPENED} & set(acts)),
    )


def _day(moment: datetime | None) -> str:
    how = pgettext("format of a day", "l j F")
    return date_format(timezone.localtime(moment), how) if moment else ""


def _hours(platform: Platform | None) -> dict[str, str]:
    window = platform.read_window if platform else None
    if window is None:
        return {}
    return {"from": f"{window.opens:%H:%M}", "until": f"{window.closes:%H:%M}"}


def _address(page: str, company: Company, connection: Connection) -> str:
    if page == "hand_over" and connection.platform_key:
        return address(page, company, connection.platform_key)
    if page not in ("leave", "hand_over"):
        return address(page, company)
    if not connection.platform_key:
        return address("choose", company)
    return address("reconnect", company, str(connection.public_id))


def at_hand(platform_key: str, source_type: str, software: str) -> str:
    """What its sign-in page will ask for, said before the customer goes there."""
    if platform_key in ASKS_FOR_KEYS:
        text = gettext("Have at hand: your login, and the keys from the settings of your shop.")
    elif platform_key in ASKS_FOR_ADDRESS:
        text = gettext("Have at hand: the web address of your shop, and an administrator login.")
    elif source_type == "Banking":
        text = gettext("Have at hand: your login for online banking.")
    else:
        text = gettext("Have at hand: an administrator login for %(software)s.")
    return text % {"software": software}


DIFFERENCES: Final[Mapping[Difference, Any]] = {
    Difference.NONE: "",
    Difference.CASE: _("Only capital letters differ from what you told us."),
    Difference.PUNCTUATION: _("Only signs such as dots and commas differ from what you told us."),
    Difference.REMOVED: _("It is what you told us, but for signs that one of the two leaves out."),
    Difference.ACCENTS: _("Only accents on letters differ from what you told us."),
    Difference.LEGAL_FORM: _("Only the legal form, such as “Ltd”, differs from what you told us."),
    Difference.SPELLING: _("It is spelt a little differently from what you told us."),
    Difference.OTHER: _(
        "It may be another name of the same business, or another business was chosen."
    ),
}

"""The texts of the pages that staff may change: which there are, and how one becomes HTML.

Plain text only. `{firm}`, `{business}` and `{software}` are replaced exactly, never with
`str.format`, whose fields could reach into objects; everything is escaped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

MAX_LENGTH: Final = 600
PLACEHOLDERS: Final = ("firm", "business", "software")
_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
_BRACED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class EditableText:
    """One text: where it stands, what it says by itself, and which placeholders it may hold."""

    page: Any
    place: Any
    default: Any
    unnamed: Any = None
    """The default while the firm has no name; None: the same."""
    placeholders: tuple[str, ...] = ("firm",)
    has_paragraphs: bool = False

    @property
    def label(self) -> str:
        return f"{self.page}: {self.place}"


def _of_each_kind(slug: str, kind: Any, **texts: Any) -> dict[str, EditableText]:
    """What one category of software is for; a category of another slug has its own sentence."""
    places = {
        "gain": gettext_lazy("what the customer gains"),
        "use": gettext_lazy("how we use it"),
        "do": gettext_lazy("what to do"),
    }
    return {
        f"start.{slug}.{name}": EditableText(
            page=format_lazy("{}, {}", gettext_lazy("Start"), kind),
            place=places[name],
            default=default,
        )
        for name, default in texts.items()
    }


# The keys are stored with the texts: a renamed key would lose what staff wrote.
EDITABLE: Final[dict[str, EditableText]] = {
    "panel.message": EditableText(
        page=gettext_lazy("Every page"),
        place=gettext_lazy("your own message, beside the question"),
        default="",
        has_paragraphs=True,
    ),
    "start.gain": EditableText(
        page=gettext_lazy("Start"),
        place=gettext_lazy("what the customer gains"),
        default=gettext_lazy(
            "We read your sales and costs straight from your software, so that you need not send "
            "us papers."
        ),
    ),
    "start.do": EditableText(
        page=gettext_lazy("Start"),
        place=gettext_lazy("what to do"),
        default=gettext_lazy("You sign in to your software once, on its own page."),
    ),
    "start.use": EditableText(
        page=gettext_lazy("Start"),
        place=gettext_lazy("how we use it"),
        default=gettext_lazy("We cannot move money."),
    ),
    "start.proof": EditableText(
        page=gettext_lazy("Start"),
        place=gettext_lazy("who trusts you already, such as “Trusted by 1,200 businesses.”"),
        default="",
    ),
    "start.needed": EditableText(
        page=gettext_lazy("Start"),
        place=gettext_lazy("that something has to be connected"),
        default=gettext_lazy(
            "We cannot go on until the software that we need is connected. If you cannot connect "
            "it, contact us."
        ),
    ),
    "start.optional": EditableText(
        page=gettext_lazy("Start"),
        place=gettext_lazy("that nothing has to be connected"),
        default=gettext_lazy("You need not do this. Without it we may ask you for papers."),
    ),
    "start.instead": EditableText(
        page=gettext_lazy("Start"),
        place=gettext_lazy("what if the customer does not want to connect"),
        default=gettext_lazy("Contact us: we look for another way together."),
    ),
    **_of_each_kind(
        "accounting",
        gettext_lazy("Accounting"),
        gain=gettext_lazy("Your figures reach us without papers to send."),
        use=gettext_lazy("We read sales, costs and balances. We change nothing."),
        do=gettext_lazy("Choose your software and sign in to it once."),
    ),
    **_of_each_kind(
        "commerce",
        gettext_lazy("Sales and payments"),
        gain=gettext_lazy("Your sales count as they happen."),
        use=gettext_lazy("We read orders, refunds and payouts, and never card numbers."),
        do=gettext_lazy("Sign in to your shop or card reader once. You can add several."),
    ),
    **_of_each_kind(
        "banking",
        gettext_lazy("Bank accounts"),
        gain=gettext_lazy("You need not send us statements."),
        use=gettext_lazy("We read balances and movements. We cannot move money."),
        do=gettext_lazy("Choose your bank and allow access there. You can add several."),
    ),
    "files.which": EditableText(
        page=gettext_lazy("Send files"),
        place=gettext_lazy("which files help most"),
        default=gettext_lazy(
            "A profit and loss and a balance sheet for the last 12 months help most."
        ),
    ),
    "write.answer": EditableText(
        page=gettext_lazy("Write to us"),
        place=gettext_lazy("how soon you answer, such as “We answer within one working day.”"),
        default="",
    ),
    "done.next": EditableText(
        page=gettext_lazy("Done"),
        place=gettext_lazy("what happens next"),
        default=gettext_lazy(
            "{firm} looks at your information and contacts you. Nothing more is needed from you."
        ),
        unnamed=gettext_lazy(
            "We look at your information and contact you. Nothing more is needed from you."
        ),
        placeholders=("firm", "business", "software"),
        has_paragraphs=True,
    ),
}


def default_text(key: str, *, firm_name: str) -> str:
    """Our own words in the reader's language. Raises KeyError for a key not in `EDITABLE`."""
    editable = EDITABLE[key]
    if not firm_name and editable.unnamed is not None:
        return str(editable.unnamed)
    return str(editable.default)


def own_text(key: str, texts: Mapping[tuple[str, str], str]) -> str | None:
    """What staff wrote for the reader's language, or for the one it is a kind of (pt-br: pt)."""
    language = get_language() or ""
    for spoken in (language, language.partition("-")[0]):
        if (key, spoken) in texts:
            return texts[key, spoken]
    return None


def unknown_placeholders(text: str, key: str) -> list[str]:
    """What stands in braces but would not be replaced, such as `{name}`, in reading order."""
    known = EDITABLE[key].placeholders
    return [match[0] for match in _BRACED.finditer(text) if match[1] not in known]


def as_html(text: str, values: Mapping[str, str]) -> SafeString:
    """`text` escaped, each placeholder in `values` replaced once, names set apart for bidi.

    A value is never searched again: a business may be called “{firm}”.
    """
    pieces, start = [], 0
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in values:
            continue
        pieces.append(format_html("{}", text[start : match.start()]))
        pieces.append(format_html("<bdi>{}</bdi>", values[match[1]]))
        start = match.end()
    pieces.append(format_html("{}", text[start:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def site_text(
    key: str, *, texts: Mapping[tuple[str, str], str], firm_name: str, **values: str
) -> SafeString:
    """The text of `key` as HTML without tags but `<bdi>`; paragraphs are left to `linebreaks`."""
    own = own_text(key, texts)
    text = default_text(key, firm_name=firm_name) if own is None else own
    return as_html(text, {"firm": firm_name or _("this firm"), **values})

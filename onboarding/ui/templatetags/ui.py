"""`{% load ui %}`: the components that both faces draw with, one template each in `templates/ui/`.

    {% status_tag "linked" text %}                  icon + word; an unknown tone is drawn as unknown
    {% field form.name %}                           label, hint, error, input
    {% fields form %}                               all of a form's fields, the hidden ones first
    {% error_summary form %}                        nothing while the form has no errors
    {% button text kind="secondary" name= value= pictures= %}   a submit button
    {% icon "phone" %}                              inline SVG, hidden from assistive technology
    {% notice "info" heading body %}                a sentence the reader must know
    {% notice_block "info" heading %}…{% endnotice_block %}
    {% details summary %}…{% enddetails %}          help that some need
    {% copy_box value label %}                      a reference or key, whole and selectable
    {% local_time value %}                          <time>; show= auto, time, date, datetime
    {% poll url delay looks %}                      attributes of a fragment's root that polls
    {% focus_heading %}…{% endfocus_heading %}      after a page change the focus is on its h1
    {{ email|mask_email }}                          o•••@b••••.example
    {{ email|breakable }}                           may go on in the next line after the @
    {{ number|grouped }}                            “10,000”, as the reader's language has it
    {{ name|unbroken }}                             “Sage 50”: no new line before a number
    {{ sentence|whole }}                            no new line after a hyphen
    {% filter whole_words %}…{% endfilter %}        in mails: “e-mail” keeps to one line

Tiles, progress lists and cards are includes, described at the top of their templates:
`ui/tile.html`, `ui/progress_list.html`, `ui/pagination.html`, `ui/empty.html`.
Forms are written `<form method="post" novalidate>`; the server names each mistake.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms, template
from django.contrib.messages import constants as levels
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from onboarding.ui.icons import DRAWINGS, MIRRORED

register = template.Library()

TONES: Final = ("linked", "problem", "pending", "disconnected", "info", "warning")
NOTICE_TONES: Final = ("info", "success", "warning", "problem")
BUTTON_KINDS: Final = ("primary", "secondary", "danger", "quiet")
MAY_BREAK: Final = "\u200b"
"""A space of no width: a line may end here."""


@register.simple_tag
def icon(name: str) -> SafeString:
    """Inline SVG in the colour of the text. Raises KeyError for a name not in `icons.DRAWINGS`."""
    kind = "icon icon-mirrored" if name in MIRRORED else "icon"
    return format_html(
        '<svg class="{}" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.8"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}'
        "</svg>",
        kind,
        mark_safe(DRAWINGS[name]),  # noqa: S308  our own constants
    )


@register.simple_tag
def status_tag(tone: str, text: str) -> SafeString:
    """A state as icon, word and colour. `tone` is one of TONES; any other is drawn as unknown."""
    known = tone in TONES
    return format_html(
        '<span class="tag" data-tone="{}">{}{}</span>',
        tone if known else "disconnected",
        icon(tone if known else "unknown"),
        text,
    )


@register.simple_tag
def button(
    text: str,
    kind: str = "primary",
    name: str = "",
    value: str = "",
    html_id: str = "",
    *,
    pictures: Sequence[str] = (),
) -> SafeString:
    """A submit button; with `pictures` (plain, under the pointer) they stand for the words."""
    if kind not in BUTTON_KINDS:
        raise template.TemplateSyntaxError(f"button kind {kind!r} is none of {BUTTON_KINDS}")
    values = {"text": text, "kind": kind, "name": name, "value": value, "html_id": html_id}
    return render_to_string("ui/button.html", {**values, "pictures": pictures})


def _shape(bound: BoundField) -> str:
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "group" if bound.use_fieldset else "input"


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """Label, hint (the field's help text), error and input, in this order.

    Django joins the ids of hint and error in `aria-describedby` and sets `aria-invalid`.
    A field that need not be filled says “(optional)”, but for a list with a word for “none”. Set
    `autocomplete` on the widget.
    """
    is_optional = not bound.field.required and not getattr(bound.field, "empty_label", None)
    values = {"field": bound, "shape": _shape(bound), "is_optional": is_optional}
    if values["shape"] == "group":
        values["described_by"] = bound.aria_describedby
    return render_to_string("ui/field.html", values)


@register.simple_tag
def fields(form: forms.BaseForm) -> SafeString:
    """Every field of `form`, hidden ones first."""
    bound = [*form.hidden_fields(), *form.visible_fields()]
    return SafeString("".join(field(each) for each in bound))


def _first_control(bound: BoundField) -> str:
    """The id to which an error links: the field's, or its first choice's."""
    return f"{bound.auto_id}_0" if _shape(bound) == "group" else bound.auto_id


@register.simple_tag
def error_summary(form: forms.BaseForm | None) -> SafeString:
    """“There is a problem”, with the words that also stand at each field. Empty without errors.

    What is wrong with the form as a whole, or with a hidden field, has no link: nothing to go to.
    """
    if not form or not form.errors:
        return SafeString("")
    visible, hidden = form.visible_fields(), form.hidden_fields()
    values = {
        "general": [*form.non_field_errors(), *(e for each in hidden for e in each.errors)],
        "problems": [(_first_control(each), e) for each in visible for e in each.errors],
    }
    return render_to_string("ui/error_summary.html", values)


@register.simple_tag
def notice(tone: str, heading: str, body: str = "", role: str = "") -> SafeString:
    """Something on the page that one must know. `role` is `status` or `alert` after a POST."""
    if tone not in NOTICE_TONES:
        raise template.TemplateSyntaxError(f"notice tone {tone!r} is none of {NOTICE_TONES}")
    drawing = {"info": "note", "warning": "problem"}.get(tone, tone)
    values = {"tone": tone, "icon": drawing, "heading": heading, "body": body, "role": role}
    return render_to_string("ui/notice.html", values)


@register.simple_block_tag(takes_context=True)
def focus_heading(context: template.Context, content: SafeString) -> SafeString:
    """The h1 of a page takes the focus, unless errors or a message stand before it and take it.

    Whoever `arrives` from elsewhere begins at the top of the page, where the firm is named.
    """
    if context.get("arrives") or "autofocus" in content:
        return content
    return SafeString(content.replace("<h1>", '<h1 tabindex="-1" autofocus>', 1))


@register.simple_block_tag
def notice_block(content: SafeString, tone: str, heading: str) -> SafeString:
    """A notice whose body is markup: a sentence and at most one act."""
    return notice(tone, heading, content)


@register.simple_block_tag
def details(content: SafeString, summary: str) -> SafeString:
    """Help that some need. Never for cost, access, harm, or a field that must be filled."""
    return render_to_string("ui/details.html", {"summary": summary, "content": content})


@register.simple_tag
def copy_box(value: str, label: str) -> SafeString:
    """A reference or a key, selected whole by one tap. Script, where loaded, adds “Copy”."""
    return render_to_string("ui/copy_box.html", {"value": value, "label": label})


@register.filter
def message_tone(message: Any) -> str:
    """The notice tone of a message of `django.contrib.messages`."""
    if message.level >= levels.ERROR:
        return "problem"
    if message.level >= levels.WARNING:
        return "warning"
    return "success" if message.level >= levels.SUCCESS else "info"


@register.filter
def mask_email(email: str) -> str:
    """`owner@brook.example` as `o•••@b••••.example`: enough to know it, too little to learn it.

    The dots are of fixed number, so that not even the length is told. A line too narrow for all of
    it may break after the @ (a space of no width stands there), and nowhere inside a word.
    """
    local, at, domain = str(email).rpartition("@")
    if not (local and at and domain):
        return "•••"
    host, dot, top = domain.rpartition(".")
    known = f"{host[0]}••••.{top}" if host and dot else "••••"
    return f"{local[0]}•••@{MAY_BREAK}{known}"


@register.filter
def breakable(email: str) -> SafeString:
    """An address that is too long for its line goes on after the @, not inside a word."""
    local, at, domain = str(email).rpartition("@")
    return format_html("{}{}<wbr>{}", local, at, domain) if at else format_html("{}", email)


@register.filter
def grouped(number: int) -> str:
    """“10,000”, as the reader's language writes it; Django groups no numbers by itself."""
    return formats.number_format(number, force_grouping=True)


@register.filter
def unbroken(text: str) -> str:
    """“Sage 50” and “020 7946 0000” stay in one line: each space before a number holds."""
    return re.sub(r" (?=[0-9])", "\N{NO-BREAK SPACE}", str(text))


@register.filter(is_safe=True)
def whole(text: str) -> str:
    """“e-mail” and “sign-in” stay in one line. Not for what is copied: the hyphen is another."""
    return str(text).replace("-", "\N{NON-BREAKING HYPHEN}")


@register.filter
def whole_words(html: str) -> SafeString:
    """“e-mail” and “E-Mail” stay in one line, whole to copy; parts of an address are left alone."""
    word = re.compile(r"(?<![\w.@:/-])e-mail(?![\w.-]*@)", re.IGNORECASE)
    held = r'<span style="white-space:nowrap">\g<0></span>'
    return mark_safe(word.sub(held, conditional_escape(html)))  # noqa: S308  a fixed tag around it


@register.filter
def full_date(value: datetime | None, clock: str = "") -> str:
    """Tuesday 24 November 2026, as the reader's language writes it; `clock` is a format as well."""
    # Translators: see https://docs.djangoproject.com/en/stable/ref/templates/builtins/#date
    day = _written(value, pgettext("format of a full date", "l j F Y"))
    return f"{day}, {_written(value, clock)}" if clock else day


@register.filter
def short_date(value: datetime | None, clock: str = "") -> str:
    """The same without the day of the week."""
    day = _written(value, pgettext("format of a date", "j F Y"))
    return f"{day} {_written(value, clock)}" if clock else day


def _written(value: datetime | None, how: str) -> str:
    return formats.date_format(timezone.localtime(value), how) if value else ""


@register.simple_tag
def local_time(value: datetime | None, show: str = "auto", zone: bool = False) -> SafeString:
    """`<time>` in the current time zone; empty for None.

    `show`: `time` 14:05, `date` Tuesday 24 November 2026, `datetime` both, `auto` the time alone
    when it is today, `day` “Today, 14:05” then. `zone` appends the zone's name, which staff need.
    """
    if value is None:
        return SafeString("")
    local = timezone.localtime(value)
    is_today = local.date() == timezone.localdate()
    if show == "auto":
        show = "time" if is_today else "datetime"
    day = full_date(local)
    if show == "day":
        show, day = "datetime", gettext("Today") if is_today else day
    clock = formats.date_format(local, "H:i e" if zone else "H:i")
    text = {"time": clock, "date": day, "datetime": f"{day}, {clock}"}[show]
    return format_html('<time datetime="{}">{}</time>', value.isoformat(timespec="seconds"), text)


@register.simple_tag
def poll(url: str, delay: int | None, looks: int = 0) -> SafeString:
    """Attributes that let a fragment's root replace itself after `delay` seconds; none for None.

    `{% poll url next_delay looks %}`, with both from `htmx.poll_delay` and `htmx.looks_so_far`.
    """
    if not delay:
        return SafeString("")
    return format_html(
        'hx-get="{}" hx-trigger="load delay:{}s" hx-swap="outerHTML" hx-target="this"'
        " hx-vals='{{\"looks\": {}}}'",
        url,
        int(delay),
        int(looks) + 1,
    )

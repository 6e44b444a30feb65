"""One view, one address, two answers: the whole page, or the part of it that htmx asked for."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

POLL_INTERVALS: Final = (1, 1, 2, 2, 3, 3, 5, 8, 15)
EAGER_POLL_INTERVALS: Final = (1,) * 30 + (2,) * 15 + POLL_INTERVALS[4:]
"""While the next page is seconds away and the customer does nothing but wait for it."""
POLL_INTERVAL_AFTERWARDS: Final = 30
POLL_LIMIT: Final = 600


def is_fragment(request: HttpRequest, target: str | None = None) -> bool:
    """Whether htmx asked, and not to restore a page of its history, which needs all of it.

    `target` is the element id that htmx will replace (its `HX-Target` header); None accepts any.
    """
    htmx = getattr(request, "htmx", None)
    if not htmx or htmx.history_restore_request or htmx.boosted:
        return False
    return target is None or htmx.target == target


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | None = None,
    fragment_id: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with `fragment` when htmx asked for it, else with the page `template`.

    `fragment_id` is the id of the fragment's root element; without it any htmx request gets the
    fragment. One that brings another heading writes `<h1 tabindex="-1">`: portal.js then moves the
    focus there, as a new page would. Use `status=422` for a refused form. The
    answer is never stored, for it is about one customer, and caches are told that it depends on
    the asker.
    """
    wants_fragment = fragment is not None and is_fragment(request, fragment_id)
    name = fragment if wants_fragment and fragment else template
    values = {**(context or {}), "is_fragment": wants_fragment}
    response = render(request, name, values, status=status)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request", "HX-Target"] if fragment_id else ["HX-Request"])
    return response


def poll_delay(looks: int, *, eager: bool = False) -> int | None:
    """Seconds until the next look after `looks` earlier ones; None after ten minutes of them.

    Give the answer to `{% poll %}` as its delay; the page's “Check again” link remains.
    """
    intervals = EAGER_POLL_INTERVALS if eager else POLL_INTERVALS
    if looks < len(intervals):
        return intervals[max(looks, 0)]
    waited = sum(intervals) + POLL_INTERVAL_AFTERWARDS * (looks - len(intervals))
    return POLL_INTERVAL_AFTERWARDS if waited < POLL_LIMIT else None


def looks_so_far(request: HttpRequest) -> int:
    """How often this open page has polled already: `looks`, as `{% poll %}` sends it; else 0."""
    looks = request.GET.get("looks", "")
    return int(looks) if looks.isascii() and looks.isdigit() and len(looks) < 5 else 0

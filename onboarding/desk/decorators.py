from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]


def desk_page(view: View) -> View:
    """For staff only, drawn in the reader's own time zone, kept by no cache.

    Who is not signed in never arrives here: `LoginRequiredMiddleware` asks first.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if not user.is_staff:
            raise PermissionDenied
        with timezone.override(user.zone):
            return view(request, *args, **kwargs)

    return never_cache(page)


def require_permission(user: Any, name: str) -> None:
    """For acts inside a page that its reader may see: 403, not 404."""
    if not user.has_perm(name):
        raise PermissionDenied

"""What every page of the journey leads to, whoever reads it: the form to write, and the guide."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from .decorators import OWNER


def _contact_url(request: HttpRequest) -> str:
    """The customer's own form, so that the reference is added; a visitor's asks for an address.

    Pages show it only where the firm has an address that it could be mailed to.
    """
    session = getattr(request, "customer_session", None)
    if session is not None and session.purpose in OWNER:
        return reverse("journey:write", args=[session.company.public_id])
    return reverse("journey:write_as_visitor")


def doors(request: HttpRequest) -> dict[str, object]:
    return {
        "contact_url": SimpleLazyObject(lambda: _contact_url(request)),
        "sends_files": settings.SEND_FILES,
        "guide_url": SimpleLazyObject(lambda: reverse("journey:how_it_works")),
    }

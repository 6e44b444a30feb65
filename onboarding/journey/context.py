"""What every page of the journey leads to, whoever reads it: the form to write, and the guide."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from onboarding.linking.context_processors import current_firm

from .decorators import OWNER


def _contact_url(request: HttpRequest) -> str:
    """The customer's own form, so that the reference is added; a visitor's gives an address.

    Nothing without an address that it could be mailed to.
    """
    if not current_firm().support_email:
        return ""
    session = getattr(request, "customer_session", None)
    if session is not None and session.purpose in OWNER:
        return reverse("journey:write", args=[session.company.public_id])
    return reverse("journey:write_as_visitor")


def doors(request: HttpRequest) -> dict[str, object]:
    return {
        "contact_url": SimpleLazyObject(lambda: _contact_url(request)),
        "guide_url": reverse("journey:how_it_works"),
    }

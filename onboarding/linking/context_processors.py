"""The firm in front: its name, look and contacts, for every template."""

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.utils.functional import SimpleLazyObject

from .models import Branding


@dataclass(frozen=True)
class Firm:
    name: str = ""
    message: str = ""
    support_email: str = ""
    support_phone: str = ""
    privacy_url: str = ""
    terms_url: str = ""
    home_url: str = ""
    logo_url: str = ""
    brand_css_url: str = ""
    secured_by_codat: bool = False


def current_firm() -> Firm:
    """Branding as staff filled it in, else the settings; without a database still the settings."""
    defaults = Firm(
        name=settings.FIRM_NAME,
        support_email=settings.FIRM_SUPPORT_EMAIL,
        support_phone=settings.FIRM_SUPPORT_PHONE,
    )
    try:
        branding = Branding.objects.first()
    except DatabaseError:
        return defaults
    if branding is None:
        return defaults
    return Firm(
        name=branding.name,
        message=branding.message,
        support_email=branding.support_email or defaults.support_email,
        support_phone=branding.support_phone or defaults.support_phone,
        privacy_url=branding.privacy_url,
        terms_url=branding.terms_url,
        home_url=branding.home_url,
        secured_by_codat=branding.secured_by_codat,
    )


def firm(request):
    return {"firm": SimpleLazyObject(current_firm)}

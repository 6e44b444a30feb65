"""What a company is called at Codat, whose names hold fewer signs than people use."""

from onboarding.codat import allowed_name
from onboarding.linking.models import Company

from .comparing import without_accents


def clean_name(name: str) -> str:
    """What Codat can hold of a name (FACTS 3.2); empty where nothing but signs would be left.

    Accents go first: Codat would remove the letters under them too.
    """
    cleaned = " ".join(allowed_name(without_accents(name)).split())
    return cleaned if any(character.isalnum() for character in cleaned) else ""


def name_for_codat(true_name: str, reference: str) -> tuple[str, bool]:
    """The name Codat will show, and whether it is only a placeholder made of our reference.

    Codat silently removes what its name pattern does not allow; a name of which nothing but signs
    would be left is replaced, and the true one stays with us.
    """
    cleaned = clean_name(true_name)
    return (cleaned, False) if cleaned else (Company.placeholder_for(reference), True)

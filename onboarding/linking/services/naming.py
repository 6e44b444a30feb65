"""What a company is called at Codat, whose names hold fewer signs than people use."""

from onboarding.codat import allowed_name
from onboarding.linking.models import Company


def clean_name(name: str) -> str:
    """What Codat leaves of a name (FACTS 3.2); empty where nothing but signs would be left."""
    cleaned = " ".join(allowed_name(name).split())
    return cleaned if any(character.isalnum() for character in cleaned) else ""


def name_for_codat(true_name: str, reference: str) -> tuple[str, bool]:
    """The name Codat will show, and whether it is only a placeholder made of our reference.

    Codat silently removes what its name pattern does not allow; a name of which nothing but signs
    would be left is replaced, and the true one stays with us.
    """
    cleaned = clean_name(true_name)
    return (cleaned, False) if cleaned else (Company.placeholder_for(reference), True)

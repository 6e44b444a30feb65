"""Why a file was not accepted, in the customer's words."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from onboarding.linking.models import SentFile
from onboarding.linking.services.file_checks import Why
from onboarding.linking.services.files import Refused

from .wording import fill

REFUSALS: Final[Mapping[Why, Any]] = {
    Why.KIND: _("“{file}” must be PDF, Excel, Word, PowerPoint, CSV, JPG or PNG"),
    Why.CONTENT: _("“{file}” does not look like {kind}; open it, save it again and choose it"),
    Why.TOO_LARGE: _("“{file}” must be 10 MB or smaller"),
    Why.EMPTY: _("“{file}” is empty"),
    Why.PASSWORD: _("“{file}” has a password; remove it and choose the file again"),
    Why.HARMFUL: _("“{file}” was not accepted because it may harm a computer; send another copy"),
    Why.NOT_RECEIVED: _("“{file}” did not reach us; choose it again"),
    Why.NO_ROOM: _("“{file}” is more than we can keep for you; remove other files first"),
}


def words_of_refusal(refused: Refused) -> SafeString:
    kind = str(SentFile.Kind(refused.kind).label) if refused.kind else ""
    return fill(REFUSALS[refused.why], {"file": refused.name, "kind": kind})

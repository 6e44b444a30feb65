"""`{% load site_texts %}{% site_text "done.next" business=company.true_name %}`

Has paragraphs: `{% site_text "done.next" as text %}{{ text|linebreaks }}`.
"""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from onboarding.linking.context_processors import Firm, current_firm

register = template.Library()


@register.simple_tag(takes_context=True)
def site_text(context: Any, key: str, **values: str) -> SafeString:
    """The firm's words for `key`, else ours. Raises KeyError for a key that is not editable."""
    firm: Firm = context.get("firm") or current_firm()
    return firm.text(key, **values)

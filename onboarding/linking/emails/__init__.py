"""E-mails: what each kind says, whether it is still true, and sending a claimed row at most once.

Rendered when sent, so that the words, the recipient's address and the link are the present ones.
"""

from .contexts import CONTEXT
from .relevance import must_wait, still_true
from .rendering import render
from .sending import MAX_TRIES, send

__all__ = ["CONTEXT", "MAX_TRIES", "must_wait", "render", "send", "still_true"]

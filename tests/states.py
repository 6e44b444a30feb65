"""The state catalogue: every page, in every state that somebody can meet.

`python -m tests.screenshots` draws all of it; `tests/test_states.py` a fixed sample, and holds the
catalogue complete. A new page begins with its states here.
"""

from tests.screenshots import (
    admin_settings_states,
    admin_states,
    change_states,
    desk_states,
    desktop_states,
    done_states,
    door_states,
    file_states,
    helping_states,
    identity_states,
    link_states,
    long_states,
    managing_states,
    other_states,
    permission_states,
    progress_states,
    request_states,
    start_states,
)
from tests.screenshots.registry import STATES, State

__all__ = [
    "STATES",
    "State",
    "admin_settings_states",
    "admin_states",
    "change_states",
    "desk_states",
    "desktop_states",
    "done_states",
    "door_states",
    "file_states",
    "helping_states",
    "identity_states",
    "link_states",
    "long_states",
    "managing_states",
    "other_states",
    "permission_states",
    "progress_states",
    "request_states",
    "start_states",
]

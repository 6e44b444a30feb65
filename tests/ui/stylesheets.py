"""Reading our own style sheets, as far as the tests of colour and layout need."""

import re
from pathlib import Path

from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css"


def rules_of(path: Path) -> str:
    """The sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def colour_roles() -> dict[str, dict[str, str]]:
    """Theme to role to `#RRGGBB`, as tokens.css declares them; dark inherits from light."""
    light, _, dark = rules_of(CSS / "tokens.css").partition("prefers-color-scheme: dark")

    def declared(css: str) -> dict[str, str]:
        return dict(re.findall(r"--([a-z-]+):\s*(#[0-9A-F]{6});", css))

    return {"light": declared(light), "dark": declared(light) | declared(dark)}

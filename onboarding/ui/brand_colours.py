"""The firm's colour, made readable: what is computed from one `#rrggbb` for each theme.

No colour is refused. The fill of a button stays as the firm gave it; its text, its edge and the
links move towards black or white until WCAG 2's contrast is reached on every ground they meet.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Theme = Literal["light", "dark"]

TEXT_CONTRAST: Final = 4.5
EDGE_CONTRAST: Final = 3.0
BLACK: Final = "#000000"
WHITE: Final = "#FFFFFF"
INK: Final = "#17202B"

# The grounds of static/css/tokens.css; a test keeps the two alike.
GROUNDS: Final[dict[Theme, tuple[str, str, str]]] = {
    "light": ("#F6F7F9", "#FFFFFF", "#ECEFF3"),
    "dark": ("#10151C", "#19212B", "#0B1016"),
}
STATUS_GROUNDS: Final[dict[Theme, tuple[str, ...]]] = {
    "light": ("#E3F5EA", "#FDECEA", "#F1EAFB", "#ECEFF3", "#E6F1FA", "#FFF4D6"),
    "dark": ("#10311F", "#3F1614", "#2C1B4A", "#27313D", "#0F2C42", "#33270A"),
}
POLES: Final[dict[Theme, str]] = {"light": BLACK, "dark": WHITE}


@dataclass(frozen=True, slots=True)
class BrandColours:
    """The colour roles that one theme takes from the firm, each `#RRGGBB`."""

    action: str
    on_action: str
    action_hover: str
    action_edge: str
    link: str


def is_colour(text: str) -> bool:
    """Whether `text` is `#rrggbb`, in either case."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def _channels(colour: str) -> tuple[int, int, int]:
    if not is_colour(colour):
        raise ValueError(f"{colour!r} is not a colour like #0B5A8F")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """WCAG 2's relative luminance, 0 to 1."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio, 1 to 21, in either order."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(start: str, end: str, share: float) -> str:
    """`share` (0 to 1) of the way from `start` to `end`, per sRGB channel."""
    pairs = zip(_channels(start), _channels(end), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _reaching(brand: str, pole: str, ratio: float, grounds: tuple[str, ...]) -> str:
    """The mix nearest to `brand` that reaches `ratio` on all of `grounds`; `pole` always does."""
    steps = (mix(brand, pole, k / 50) for k in range(50))
    return next((c for c in steps if all(contrast(c, g) >= ratio for g in grounds)), pole)


def brand_colours(brand: str, theme: Theme) -> BrandColours:
    """The roles for `brand` (`#rrggbb`) in `theme`. Raises ValueError for anything else."""
    action = mix(brand, brand, 0)
    on_action = next(c for c in (WHITE, INK, BLACK) if contrast(c, action) >= TEXT_CONTRAST)
    pole = POLES[theme]
    grounds = GROUNDS[theme]
    return BrandColours(
        action=action,
        on_action=on_action,
        action_hover=mix(action, BLACK if on_action == WHITE else WHITE, 0.12),
        action_edge=_reaching(action, pole, EDGE_CONTRAST, grounds),
        link=_reaching(action, pole, TEXT_CONTRAST, grounds + STATUS_GROUNDS[theme]),
    )


def declarations(colours: BrandColours) -> str:
    """The custom properties of one theme, as CSS."""
    roles = {
        "action": colours.action,
        "on-action": colours.on_action,
        "action-hover": colours.action_hover,
        "action-edge": colours.action_edge,
        "panel": colours.action,
        "on-panel": colours.on_action,
        "link": colours.link,
        "link-hover": colours.link,
    }
    return "".join(f"--{role}:{value};" for role, value in roles.items())


def brand_stylesheet(light: str, dark: str | None = None) -> str:
    """The CSS behind `firm.brand_css_url`; `dark` is by default the same colour.

    Only computed `#RRGGBB` values enter it, so that staff cannot write CSS by way of a colour.
    """
    day = declarations(brand_colours(light, "light"))
    night = declarations(brand_colours(dark or light, "dark"))
    return f"@layer brand{{:root{{{day}}}@media (prefers-color-scheme:dark){{:root{{{night}}}}}}}\n"

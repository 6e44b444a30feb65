"""The README's pictures: the journey on a phone, page beside page, and the desk."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.states import STATES

from .drawing import Easel, Variant, open_browser
from .rendering import render

JOURNEY = [
    "journey-start--empty",
    "journey-choose--few",
    "journey-permission--first",
    "journey-confirm--same",
    "journey-progress--reading",
    "journey-done--several",
]
DESK = ["desk-worklist--few", "desk-company--lost"]
GAP = 24
AROUND = "#d5dbe3"


def draw_strips(folder: Path) -> int:
    """Writes `journey.png` (at most 300 kB) and `desk.png` (at most 200 kB); 1 if one is larger."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_browser() as browser:
        easel = Easel(browser)
        phone = [_draw(easel, name, Variant("phone", 390)) for name in JOURNEY]
        desk = [_draw(easel, name, Variant("desk", 1280)) for name in DESK]
        easel.close()
    sizes = {
        _save(phone, folder / "journey.png", 0.8): 300_000,
        _save(desk, folder / "desk.png", 0.75): 200_000,
    }
    return int(any(size > most for size, most in sizes.items()))


def _draw(easel: Easel, name: str, variant: Variant) -> Image.Image:
    found = easel.show(render(STATES[name]), variant)
    assert not found, found
    return Image.open(BytesIO(easel.photograph(whole=False)))


def _save(pictures: list[Image.Image], path: Path, scale: float) -> int:
    """Side by side, in a palette; returns the bytes."""
    width = sum(each.width for each in pictures) + GAP * (len(pictures) + 1)
    strip = Image.new("RGB", (width, pictures[0].height + 2 * GAP), AROUND)
    start = GAP
    for each in pictures:
        strip.paste(each, (start, GAP))
        start += each.width + GAP
    small = strip.resize(
        (round(strip.width * scale), round(strip.height * scale)), Image.Resampling.LANCZOS
    )
    palette = Image.Quantize.MAXCOVERAGE  # keeps the few red and violet pixels their colour
    small.quantize(224, method=palette, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.name}: {small.width} × {small.height}, {size / 1000:.0f} kB")
    return size

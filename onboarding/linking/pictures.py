"""Pictures that somebody sent us, drawn anew: what leaves us was never written by somebody else."""

import hashlib
import io
import math
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

MAX_BYTES: Final = 1_000_000
MAX_SIDE: Final = 4000
"""A small file can hold a picture that fills the memory when it is unpacked."""
FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
LOGO_BOX: Final = (600, 96)
"""Three times the height at which pages show it."""
LOGO_GOAL_BYTES: Final = 2_500
FAVICON_PIXELS: Final = 64
TILE_PIXELS: Final = 64
"""Twice the height at which the tile shows it; a list of software fetches some twenty at once."""
BUTTON_BOX: Final = (480, 80)
"""Twice the height at which the tile shows it."""
_LOGO_TRIES: Final = ((96, 64), (96, 32), (64, 64), (64, 32))
"""Heights and numbers of colours, best first, until the goal is met; the last one is kept."""


class UnusablePictureError(ValueError):
    """Not one of `FORMATS`, broken, or too large to unpack."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG of ours, its hash, and its size in pixels."""

    png: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.png).hexdigest()[:16]


def _opened(raw: bytes) -> Image.Image:
    """The (first) picture in `raw`, upright, with transparency. No SVG: it can hold script."""
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            if max(image.size) > MAX_SIDE:
                raise UnusablePictureError("too many pixels")
            upright: Image.Image = ImageOps.exif_transpose(image)
            return upright.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnusablePictureError(str(error)) from error


def _trimmed(image: Image.Image) -> Image.Image:
    """Without the transparent margin, which would make the mark look small on its plate."""
    box = image.getchannel("A").getbbox()
    if box is None:
        raise UnusablePictureError("nothing to see")
    return image.crop(box)


def _as_png(image: Image.Image, colours: int) -> Picture:
    if image.getchannel("A").getextrema() == (255, 255):  # opaque: a method that keeps white white
        reduced = image.convert("RGB").quantize(colours, method=Image.Quantize.MEDIANCUT)
    else:
        reduced = image.quantize(colours, method=Image.Quantize.FASTOCTREE)
    out = io.BytesIO()
    reduced.save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), *reduced.size)


def logo(raw: bytes) -> Picture:
    """The firm's logo within `LOGO_BOX`, never enlarged. Raises UnusablePictureError."""
    image = _trimmed(_opened(raw))
    smallest: Picture | None = None
    for height, colours in _LOGO_TRIES:
        small = image.copy()
        small.thumbnail((math.ceil(LOGO_BOX[0] * height / LOGO_BOX[1]), height))
        picture = _as_png(small, colours)
        if len(picture.png) <= LOGO_GOAL_BYTES:
            return picture
        if smallest is None or len(picture.png) < len(smallest.png):
            smallest = picture
    assert smallest is not None  # noqa: S101 - there is at least one try
    return smallest


def platform_logo(raw: bytes) -> Picture:
    """A piece of software's logo for its tile. Raises UnusablePictureError."""
    image = _opened(raw)
    image.thumbnail((TILE_PIXELS, TILE_PIXELS))
    return _as_png(image, 24)


def platform_button(raw: bytes) -> Picture:
    """The button that a software wants to be chosen by. Raises UnusablePictureError."""
    image = _opened(raw)
    image.thumbnail(BUTTON_BOX)
    return _as_png(image, 64)


def favicon(raw: bytes, *, plate: bool = False) -> Picture:
    """A square icon, whole picture in its middle. `plate`: on white, as logos are drawn for it.

    Raises UnusablePictureError.
    """
    image = _trimmed(_opened(raw))
    image.thumbnail((FAVICON_PIXELS, FAVICON_PIXELS))
    ground = (255, 255, 255, 255 if plate else 0)
    square = Image.new("RGBA", (FAVICON_PIXELS, FAVICON_PIXELS), ground)
    corner = ((FAVICON_PIXELS - image.width) // 2, (FAVICON_PIXELS - image.height) // 2)
    square.alpha_composite(image, corner)
    return _as_png(square, 64)

"""Plain original tiles in place of the platforms' logos: a coloured square with letters."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from .catalogue import Platform


@lru_cache(maxsize=256)
def tile(platform: Platform, shape: str) -> bytes:
    """A PNG: `square` (192 × 192), `full` (600 × 100) or `button`, `hover` (480 × 96)."""
    width, height = {"square": (192, 192), "full": (600, 100)}.get(shape, (480, 96))
    words = platform.name.replace("(", "").replace(")", "").split()
    letters = words[0][0] + (words[1][0] if len(words) > 1 else words[0][1])
    text = {
        "square": letters.upper(),
        "full": platform.name,
        "button": f"Connect to {platform.name}",
        "hover": f"Connect to {platform.name}",
    }[shape]
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), radius=height // 7, fill=platform.colour)
    if shape == "hover":
        draw.rounded_rectangle(
            (3, 3, width - 4, height - 4), radius=height // 8, outline="white", width=4
        )
    size = height // 2
    font = ImageFont.load_default(size)
    while size > 10 and draw.textlength(text, font=font) > width * 0.88:
        size -= 2
        font = ImageFont.load_default(size)
    draw.text((width / 2, height / 2), text, fill="white", font=font, anchor="mm")
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()

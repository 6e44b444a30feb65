import io

import pytest
from PIL import Image, ImageDraw

from onboarding.linking import pictures

PNG = b"\x89PNG\r\n"


def drawn(size=(300, 100), kind="PNG", mode="RGB", colour="navy", **options):
    image = Image.new(mode, size, "white" if mode == "RGB" else 0)
    ImageDraw.Draw(image).ellipse(
        (size[0] * 0.25, size[1] * 0.25, *(s * 0.75 for s in size)), fill=colour
    )
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(picture):
    return Image.open(io.BytesIO(picture.png))


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_a_logo_of_each_kind_leaves_as_a_png_within_its_box(kind):
    logo = pictures.logo(drawn((1200, 300), kind))
    assert logo.png.startswith(PNG)
    assert opened(logo).size == (logo.width, logo.height) == (384, 96)


def test_what_was_hidden_in_the_file_does_not_leave():
    noted = drawn(kind="JPEG", comment=b"SECRET <script>") + b"<script>alert(1)</script>"
    assert b"script" not in pictures.logo(noted).png
    assert b"script" not in pictures.favicon(noted).png


def test_a_small_logo_is_not_enlarged():
    logo = pictures.logo(drawn((40, 20)))
    assert (logo.width, logo.height) == (40, 20)


def test_an_empty_margin_is_cut_off():
    logo = pictures.logo(drawn((400, 400), mode="RGBA", colour=(20, 40, 95, 255)))
    icon = opened(pictures.favicon(drawn((400, 400), mode="RGBA", colour=(20, 40, 95, 255))))
    assert logo.height == 96
    assert icon.convert("RGBA").getchannel("A").getbbox() == (0, 0, 64, 64)


def test_a_busy_logo_gets_fewer_colours_or_pixels_instead_of_many_bytes():
    noise = Image.effect_noise((600, 200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    assert len(pictures.logo(out.getvalue()).png) < 12_000
    assert len(pictures.logo(drawn((600, 100))).png) <= pictures.LOGO_GOAL_BYTES


def test_an_upright_photo_stays_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    logo = pictures.logo(drawn((200, 80), "JPEG", exif=exif))
    assert logo.height > logo.width


def test_an_icon_made_from_a_logo_is_square_and_stands_on_white():
    logo = pictures.logo(drawn((300, 60), mode="RGBA", colour=(0, 0, 0, 255)))
    icon = opened(pictures.favicon(logo.png, plate=True)).convert("RGBA")
    assert icon.size == (64, 64)
    assert icon.getpixel((0, 0)) == (255, 255, 255, 255)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script/></svg>'


def too_wide():
    out = io.BytesIO()
    Image.new("1", (pictures.MAX_SIDE + 1, 1)).save(out, "PNG")
    return out.getvalue()


def of_another_kind():
    return drawn(kind="BMP")


def cut_off():
    return drawn((600, 400))[:300]


def invisible():
    out = io.BytesIO()
    Image.new("RGBA", (9, 9)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "raw", [SVG, b"", b"GIF89a", too_wide(), of_another_kind(), cut_off(), invisible()]
)
@pytest.mark.parametrize("draw", [pictures.logo, pictures.favicon])
def test_whatever_is_no_picture_for_us_is_refused(draw, raw):
    with pytest.raises(pictures.UnusablePictureError):
        draw(raw)

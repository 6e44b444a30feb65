import random

import pytest

from onboarding.ui.brand_colours import (
    GROUNDS,
    STATUS_GROUNDS,
    brand_colours,
    brand_stylesheet,
    contrast,
    is_colour,
)

KNOWN = """
    brand   text    ratio edge    ratio link    ratio edge    ratio link    ratio
    #14285F #FFFFFF 14.01 #14285F 12.15 #14285F 11.95 #5F6D92 3.16 #8E98B2 4.57
    #00796B #FFFFFF 5.32 #00796B 4.61 #00796B 4.54 #00796B 3.05 #57A79D 4.66
    #F26A1B #17202B 5.36 #DF6219 3.09 #AE4C13 4.66 #F26A1B 5.30 #F37329 4.58
    #FFD400 #17202B 11.48 #9E8300 3.19 #7A6600 4.80 #FFD400 11.34 #FFD400 9.21
    #777777 #000000 4.69 #777777 3.88 #6B6B6B 4.54 #777777 3.62 #989898 4.57
    #D0021B #FFFFFF 5.67 #D0021B 4.91 #D0021B 4.83 #D31129 3.00 #E67684 4.58
    #F9D5E5 #17202B 12.27 #9A848E 3.00 #78666E 4.56 #F9D5E5 12.12 #F9D5E5 9.84
"""
ROWS = [row.split() for row in KNOWN.strip().splitlines()[1:]]


def lowest(colour, grounds):
    return min(contrast(colour, ground) for ground in grounds)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_known_brands_give_the_colours_of_the_design(row):
    brand, text, text_ratio, *themes = row
    assert contrast(text, brand) == pytest.approx(float(text_ratio), abs=0.006)
    for theme, expected in (("light", themes[:4]), ("dark", themes[4:])):
        edge, edge_ratio, link, link_ratio = expected
        colours = brand_colours(brand, theme)
        assert (colours.action, colours.on_action) == (brand, text)
        assert (colours.action_edge, colours.link) == (edge, link)
        assert lowest(edge, GROUNDS[theme]) == pytest.approx(float(edge_ratio), abs=0.006)
        grounds = GROUNDS[theme] + STATUS_GROUNDS[theme]
        assert lowest(link, grounds) == pytest.approx(float(link_ratio), abs=0.006)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_colour_is_typed_everything_can_be_read(theme):
    chosen = random.Random(20261124)
    for _ in range(150):
        colours = brand_colours(f"#{chosen.randrange(1 << 24):06x}", theme)
        assert contrast(colours.on_action, colours.action) >= 4.5
        assert contrast(colours.on_action, colours.action_hover) >= 4.7
        assert lowest(colours.action_edge, GROUNDS[theme]) >= 3.0
        assert lowest(colours.link, GROUNDS[theme] + STATUS_GROUNDS[theme]) >= 4.5


@pytest.mark.parametrize(
    "text", ["", "red", "#fff", "#12345g", "#1234567", "#123456;}", "#12345６"]
)
def test_only_six_hexadecimal_digits_are_a_colour(text):
    assert not is_colour(text)
    with pytest.raises(ValueError, match="not a colour"):
        brand_stylesheet(text)


def test_the_brand_sheet_speaks_for_both_themes_in_its_own_layer():
    css = brand_stylesheet("#ffd400", dark="#14285f")
    day, night = css.split("@media (prefers-color-scheme:dark)")
    assert css.startswith("@layer brand{:root{")
    assert css.count("{") == css.count("}")
    assert "--action:#FFD400;" in day
    assert "--action:#14285F;" in night
    assert "--focus" not in css


def test_one_colour_serves_both_themes_until_a_second_is_given():
    assert brand_stylesheet("#14285F").count("--action:#14285F;") == 2

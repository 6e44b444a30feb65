"""Every pair of colours that meets on a page, recomputed from the token file."""

import itertools

import pytest

from onboarding.ui.brand_colours import GROUNDS, STATUS_GROUNDS, brand_colours, contrast

from .stylesheets import colour_roles

ROLES = colour_roles()
THEMES = ("light", "dark")
CANVASES = ("page", "surface", "sunken")
STATUSES = ("linked", "problem", "pending", "disconnected", "info", "warning")
STATUS_CANVASES = tuple(f"{status}-ground" for status in STATUSES)

TEXT = [
    *itertools.product(("text", "text-muted", "link", "link-hover"), CANVASES + STATUS_CANVASES),
    *((status, f"{status}-ground") for status in STATUSES),
    *itertools.product(("problem",), CANVASES),
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("on-danger", "danger"),
    ("on-panel", "panel"),
    ("on-plate", "plate"),
]
EDGES = [
    *itertools.product(("edge", "action-edge", "focus"), CANVASES),
    *itertools.product((f"{status}-edge" for status in STATUSES), ("page", "surface")),
    ("action", "page"),
    ("danger", "page"),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read_on_its_ground(theme, text, ground):
    assert contrast(ROLES[theme][text], ROLES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_and_rings_stand_out_from_their_ground(theme, edge, ground):
    assert contrast(ROLES[theme][edge], ROLES[theme][ground]) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
def test_the_brand_is_reckoned_on_the_grounds_that_the_tokens_declare(theme):
    roles = ROLES[theme]
    assert GROUNDS[theme] == tuple(roles[name] for name in CANVASES)
    assert STATUS_GROUNDS[theme] == tuple(roles[name] for name in STATUS_CANVASES)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("brand", ["#FFD400", "#14285F", "#F9D5E5"])
def test_a_brand_keeps_links_and_buttons_readable(theme, brand):
    roles = ROLES[theme]
    colours = brand_colours(brand, theme)
    for ground in CANVASES + STATUS_CANVASES:
        assert contrast(colours.link, roles[ground]) >= 4.5
    for ground in CANVASES:
        assert contrast(colours.action_edge, roles[ground]) >= 3.0


def test_the_formula_gives_the_ratios_that_wcag_names():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#17202B", "#F6F7F9") == pytest.approx(15.33, abs=0.005)

"""The colours of the pages, computed from the style sheets: text is readable in light and in dark."""

import re
from importlib.resources import files

import pytest

from autoback import Value, draw
from autoback.view.colors import variables
from autoback.view.pages.page import _ROOMS, read

#: Text on ground, as base.css, lesson.css and playground.css combine them.
TEXTS = (
    ("ink", "paper"), ("ink", "card"), ("ink", "forward-soft"), ("muted", "paper"), ("muted", "card"), ("muted", "forward-soft"),
    ("forward", "card"), ("forward", "paper"), ("forward", "forward-soft"), ("on-forward", "forward"), ("card", "ink"),
    ("backward", "card"), ("backward", "paper"), ("backward", "backward-soft"), ("muted", "backward-soft"),
    ("good", "card"), ("bad", "card"), ("ink", "light"), *((f"hue{k}", ground) for k in range(6) for ground in ("card", "light")),
)  # fmt: skip
#: Lines and shapes that carry meaning, on what they stand.
SHAPES = (("border", "card"), ("border", "paper"), ("forward", "card"), ("backward", "card"), ("negative", "card"), ("positive", "card"),
          ("forward", "line"), ("light-line", "card"))  # fmt: skip


def theme(scheme: str) -> dict[str, str]:
    """The colour variables of all pages, in light or in dark."""
    colours: dict[str, str] = {}
    for sheet in (variables(), *map(read, ("base.css", "lesson.css", "playground.css"))):
        light, _, dark = sheet.partition("@media (prefers-color-scheme: dark)")
        dark = dark[: dark.index("}")]
        for part in (light, dark) if scheme == "dark" else (light,):
            colours.update(re.findall(r"--([\w-]+): (#[0-9a-f]{6}|var\([\w-]+\));", part))
    return colours


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_has_the_contrast_that_wcag_gives_it() -> None:
    """The formula is the standard's."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_has_the_contrast_of_wcag_aa(text: str, ground: str, scheme: str) -> None:
    """Every text stands out from its ground by 4.5 to 1, success criterion 1.4.3."""
    colours = theme(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_have_the_contrast_of_wcag_aa(shape: str, ground: str, scheme: str) -> None:
    """Borders, edges and curves stand out by 3 to 1, success criterion 1.4.11."""
    colours = theme(scheme)
    assert contrast(colours[shape], colours[ground]) >= 3.0


def test_every_variable_that_is_used_is_defined_in_both_schemes() -> None:
    """No colour falls back to nothing."""
    for sheet in ("lesson.css", "playground.css", "worksheet.css", "base.css"):
        used = set(re.findall(r"var\(--([\w-]+)\)", read(sheet))) - {"text", "math", "there", "back", "track", "hue", "words", "least"}
        assert used <= set(theme("light")) and used <= set(theme("dark"))
    assert set(theme("light")) == set(theme("dark"))


def test_motion_is_only_for_those_who_did_not_ask_for_calm() -> None:
    """Transitions stand inside the media query, and nowhere else."""
    for sheet in ("base.css", "lesson.css", "playground.css", "worksheet.css"):
        outside = read(sheet).partition("@media (prefers-reduced-motion: no-preference)")[0]
        assert "transition" not in outside and "animation" not in outside


def test_no_two_rooms_have_a_file_of_one_name() -> None:
    """A page names its files without their room."""
    names = [place.name for room in _ROOMS for place in (files("autoback.view") / room).iterdir() if not place.name.startswith("__")]
    assert len(names) == len(set(names))


def test_an_arrow_does_not_show_between_the_digits_on_it() -> None:
    """The ground that a number on an arrow brings reaches over a decimal point and a space, in drawings as on pages: −1.2 is not −1:2."""
    number = Value(1.0, "x")
    for sheet in (read("base.css"), draw(number * 2.0).svg):
        found = re.search(r"\.local\b[^}]*font-size: ?([\d.]+)px[^}]*stroke-width: ?([\d.]+)px", sheet)
        assert found
        size, ground = map(float, found.groups())
        assert ground >= 0.6 * size

"""Colours that can be read: WCAG 2.2 AA (4.5 : 1 for text), light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


LIGHT = [(text, "#ffffff") for text in ("#1d1f23", "#5b6068", "#9b1c1c", "#7a4a00", "#0b57a4")]
LIGHT += [("#1d1f23", "#f1efea"), ("#1d1f23", "#fbe9e7")]
DARK = [(text, "#1d2024") for text in ("#e8e6e3", "#b0b5bd", "#ff9d94", "#f0c070", "#9ec5ff")]
DARK += [("#e8e6e3", "#2a2e34"), ("#ffe9e6", "#4a2320")]


@pytest.mark.parametrize(("text", "ground"), LIGHT + DARK)
def test_text_stands_out_and_the_colours_are_the_template_s(templates: Path, text: str, ground: str) -> None:
    style = (templates / "partials" / "style.css.j2").read_text()
    assert f" color: {text}" in style
    assert f"background-color: {ground}" in style
    assert contrast(text, ground) >= 4.5

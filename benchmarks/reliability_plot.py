"""Draw how reliable forecasts are: what was forecast against what came true, as a small SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

SIZE, LEFT, TOP, SIDE = (420, 360), 56, 20, 290
LEAST = 1e-4
"""Both axes are logarithmic; a bin in which nothing came true is drawn on the lower edge."""


def reliability_svg(bins: Sequence[Any], title: str) -> str:
    """Return the SVG of `bins` (as `analyzers.risk_figures.Bin`): one dot a bin, the diagonal is what one wants."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE[0]} {SIZE[1]}" width="{SIZE[0]}"'
        ' font-family="sans-serif" font-size="11" fill="#333">',
        f"<title>{title}</title>",
        f'<rect width="{SIZE[0]}" height="{SIZE[1]}" fill="#fff"/>',
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
        f'<line x1="{LEFT}" y1="{TOP + SIDE}" x2="{LEFT + SIDE}" y2="{TOP}" stroke="#999" stroke-dasharray="4 3"/>',
    ]
    for power in range(int(math.log10(LEAST)), 1):
        x, y, shown = _across(10.0**power), _up(10.0**power), f"{100 * 10.0**power:g} %"
        lines.append(f'<text x="{x:.0f}" y="{TOP + SIDE + 16}" text-anchor="middle">{shown}</text>')
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{shown}</text>')
    for one in bins:
        x, y = _across(one.forecast), _up(one.met)
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1f5fa8"/>')
        lines.append(f'<text x="{x + 7:.1f}" y="{y + 12:.1f}">{one.outcomes} of {one.rows:,}</text>')
    middle = LEFT + SIDE / 2
    lines.append(f'<text x="{middle}" y="{TOP + SIDE + 34}" text-anchor="middle">forecast</text>')
    lines.append(
        f'<text x="12" y="{TOP + SIDE / 2}" text-anchor="middle" transform="rotate(-90 12 {TOP + SIDE / 2})">'
        "became a pile-on</text>"
    )
    return "\n".join([*lines, "</svg>"]) + "\n"


def _across(share: float) -> float:
    return LEFT + SIDE * _place(share)


def _up(share: float) -> float:
    return TOP + SIDE * (1 - _place(share))


def _place(share: float) -> float:
    return math.log10(max(share, LEAST) / LEAST) / -math.log10(LEAST)

"""Content to HTML and plain text with Jinja2: autoescaped, styles inlined for mail programs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import css_inline
import jinja2
from markupsafe import Markup

from tocsin.digest.content import Content
from tocsin.digest.errors import RenderError
from tocsin.digest.timeline import Bar

TEXT_WIDTH = 76
_SPARKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One digest as it goes out."""

    subject: str
    html: str
    text: str


def render(content: Content, templates: Path) -> Rendered:
    """Render `content` with `digest.html.j2` and `digest.txt.j2` in `templates`. Raises `RenderError`."""
    environment = _environment(templates)
    try:
        page = environment.get_template("digest.html.j2").render(digest=content)
        text = environment.get_template("digest.txt.j2").render(digest=content)
    except (jinja2.TemplateError, OSError) as error:
        raise RenderError(f"{templates}: {type(error).__name__}: {error}; install Tocsin again") from error
    return Rendered(content.subject, _inlined(page), _tidy(text))


def _environment(templates: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=jinja2.select_autoescape(("html.j2",), default_for_string=True, default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrapped"] = wrapped
    environment.filters["breakable"] = breakable
    environment.filters["sparks"] = sparks
    environment.filters["capitalized"] = capitalized
    return environment


def wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    """Return `text` in lines of at most `TEXT_WIDTH` columns, led by `first`, then by `rest`."""
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
    )


def capitalized(text: str) -> str:
    """Return `text` with a capital first letter, the rest as it is (unlike Jinja2's `capitalize`)."""
    return text[:1].upper() + text[1:]


def sparks(bars: Sequence[Bar]) -> str:
    """Return the bars as one line of block characters, a space where nothing was said."""
    top = max((bar.negative + bar.other for bar in bars), default=0) or 1
    return "".join(
        " " if not (n := bar.negative + bar.other) else _SPARKS[-(-n * len(_SPARKS) // top) - 1] for bar in bars
    )


def breakable(text: str, every: int = 24) -> Markup:
    """Return `text` escaped, with break points in long words: a narrow screen must not scroll sideways."""
    pieces: Iterable[str] = re.split(rf"(\S{{{every}}})(?=\S)", text)
    return Markup("<wbr>").join(piece for piece in pieces if piece)


def _inlined(page: str) -> str:
    inliner = css_inline.CSSInliner(keep_at_rules=True, keep_style_tags=False, load_remote_stylesheets=False)
    try:
        return inliner.inline(page)
    except css_inline.InlineError as error:
        raise RenderError(f"the styles of digest.html.j2 cannot be inlined: {error}") from error


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"

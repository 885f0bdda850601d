"""An element as plain text, as a reader sees it: paragraphs, lists, code, quotes as "> " lines.

Quoted posts ("Ann wrote:") are left out: the words are not the author's, and the page has them where
Ann wrote them. Other quotations stay, each line marked with "> ".
"""

from __future__ import annotations

import re
from collections.abc import Collection

from lxml import html

from crawler.extract.markup import is_noise, is_quote, quotes_post, tokens

_BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_SPACED = frozenset(["blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"])
_SPACES = r"[ \t\r\n\f\v\xa0\u2000-\u200a\u202f\u3000]"
# A single plain space stays as it is: to replace each of them by itself was half of the rendering.
_SPACE = re.compile(rf" {_SPACES}+|(?! ){_SPACES}{_SPACES}*")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_BLANK_LINES = re.compile(r"\n{3,}")
_EMOJI_ALT = re.compile(r"^(?::[\w+-]{1,40}:|[^\w\s]{1,8}|[:;=8xX][-^o']?[)(DPpO/|\\]+)$")


class _Writer:
    """Collects words into lines; `gap` is how many line breaks are due before the next word."""

    def __init__(self, root: html.HtmlElement) -> None:
        self.root = root
        self.parts: list[str] = []
        self.gap = 0
        self.space = False
        self.pre = 0
        self.quote = 0
        self.bullet = ""

    def words(self, text: str) -> None:
        if self.pre:
            self._lines(text)
            return
        text = _SPACE.sub(" ", text)
        stripped = text.strip(" ")
        if not stripped:
            self.space = self.space or bool(text)
            return
        self._open(spaced=self.space or text[0] == " ")
        self.parts.append(stripped)
        self.space = text[-1] == " "

    def _lines(self, text: str) -> None:
        for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
            if number:
                self.gap = min(self.gap + 1, 2)
            if line.strip():
                self._open(spaced=False)
                self.parts.append(line.rstrip())

    def _open(self, *, spaced: bool) -> None:
        if self.gap or not self.parts:
            self.parts.append("\n" * self.gap if self.parts else "")
            self.parts.append("> " * self.quote + self.bullet)
            self.gap, self.bullet = 0, ""
        elif spaced:
            self.parts.append(" ")

    def break_line(self, lines: int = 1) -> None:
        self.gap = max(self.gap, lines)
        self.space = False

    def text(self) -> str:
        return _BLANK_LINES.sub("\n\n", "".join(self.parts)).strip()


def render(root: html.HtmlElement, drop: Collection[html.HtmlElement] = ()) -> str:
    """Return the text of `root` without scripts, controls, signatures and the elements in `drop`.

    Quoted posts are left out too, unless nothing else would remain.
    """
    return _render(root, drop, quoted=False) or _render(root, drop, quoted=True)


def render_quoted(root: html.HtmlElement, drop: Collection[html.HtmlElement] = ()) -> str:
    """Return the text of the posts that `root` quotes, which `render` leaves out; empty when it quotes none."""
    found: list[str] = []
    stack = [root]
    while stack:
        element = stack.pop()
        if element is not root and (element in drop or is_noise(element)):
            continue
        if element is not root and quotes_post(element):
            found.append(_render(element, drop, quoted=True))
            continue
        stack.extend(reversed(element))
    return "\n\n".join(text for text in found if text)


def _render(root: html.HtmlElement, drop: Collection[html.HtmlElement], *, quoted: bool) -> str:
    """Walk without recursion, so that no nesting is too deep."""
    writer = _Writer(root)
    stack: list[tuple[html.HtmlElement, bool]] = [(root, False)]
    while stack:
        element, closing = stack.pop()
        inside = element is not root and not closing
        if inside and (element in drop or is_noise(element) or (not quoted and quotes_post(element))):
            _leave_gap(writer, element)
        elif closing:
            _close(writer, element)
        else:
            _enter(writer, element)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
            continue
        if element is not root and element.tail:
            writer.words(element.tail)
    text = writer.text()
    return text if text.isascii() else _INVISIBLE.sub("", text)


def render_fragment(markup: str) -> str:
    """Return the text of an HTML fragment (a feed's content, a JSON-LD text with tags); plain text as it is."""
    if "<" not in markup and "&" not in markup:
        return tidy(markup)
    try:
        parser = html.etree.HTMLParser(
            encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
        )
        root = html.document_fromstring(f"<div>{markup}</div>".encode("utf-8", "replace"), parser=parser)
    except (html.etree.ParserError, ValueError, AssertionError):
        return ""
    return render(root)


def tidy(text: str) -> str:
    """Return plain text with even spaces and at most one empty line between paragraphs."""
    lines = (_SPACE.sub(" ", line).strip() for line in _INVISIBLE.sub("", text).splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def all_text(element: html.HtmlElement) -> str:
    """Return all text inside an element, as `itertext` gives it; fast for the many that wrap a single text."""
    while len(element) == 1 and not element.text and not element[0].tail:
        element = element[0]
    return "".join(element.itertext()) if len(element) else element.text or ""


def one_line(text: str) -> str:
    """Return `text` on one line with single spaces."""
    if text.isascii():
        # Most texts are one line already, and asking costs less than making it.
        return text.strip(" ") if text.isprintable() and "  " not in text else " ".join(text.split())
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def _enter(writer: _Writer, element: html.HtmlElement) -> None:
    tag = element.tag
    if tag == "br":
        writer.gap = min(writer.gap + 1, 2)
        writer.space = False
    elif tag in _BLOCK:
        writer.break_line(2 if tag in _SPACED else 1)
    elif tag in ("td", "th"):
        writer.space = True
    elif tag == "img":
        _picture(writer, element)
    if is_quote(element) and element is not writer.root:
        writer.break_line(2)
        writer.quote += 1
    if tag == "pre":
        writer.pre += 1
    elif tag == "li" and element is not writer.root:
        writer.bullet = "- "
    if element.text:
        writer.words(element.text)


def _close(writer: _Writer, element: html.HtmlElement) -> None:
    tag = element.tag
    if tag == "pre":
        writer.pre -= 1
    elif tag == "li":
        writer.bullet = ""
    if is_quote(element) and element is not writer.root:
        writer.break_line(2)
        writer.quote -= 1
    if tag in _BLOCK:
        writer.break_line(2 if tag in _SPACED else 1)
    elif tag in ("td", "th"):
        writer.space = True


def _picture(writer: _Writer, element: html.HtmlElement) -> None:
    alt = (element.get("alt") or "").strip()
    if alt and (_EMOJI_ALT.match(alt) or tokens(element) & {"emoji", "smilie", "smiley", "smilies", "emojione"}):
        writer.words(f" {alt} ")


def _leave_gap(writer: _Writer, element: html.HtmlElement) -> None:
    if element.tag in _BLOCK:
        writer.break_line()
    else:
        writer.space = True

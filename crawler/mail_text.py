"""A mail's own words, apart from what it quotes and how it is signed. Pure.

Mails carry the thread below them; those words are in the archive where their author wrote them.
"""

from __future__ import annotations

import re

from crawler.extract.text import tidy

_QUOTED = re.compile(r"^\s{0,3}>")
_SIGNATURE = re.compile(r"^-- ?$")
_FOOTER = re.compile(r"^_{20,}\s*$")
_FOOTER_WORDS = re.compile(r"mailing list|unsubscribe|listinfo|/mailman", re.IGNORECASE)
_BELOW = re.compile(
    r"^\s*(?:-{3,}\s*(?:original message|original-nachricht|ursprüngliche nachricht|message d'origine|"
    r"forwarded message|mensaje original)\s*-{3,}|_{20,}\s*)$",
    re.IGNORECASE,
)
_HEAD_OF_OUTLOOK = re.compile(r"^\*?(?:From|Von|De|Da):\*?\s", re.IGNORECASE)
_NEXT_OF_OUTLOOK = re.compile(r"^\*?(?:Sent|Gesendet|Envoyé|Date|Datum|Enviado|Inviato|To|An):?\*?", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"(?:\bwrote|\bwrites|\bsaid|schrieb(?:\s.*)?|\ba écrit|escribi[óo]|ha scritto|schreef(?:\s.*)?|skrev(?:\s.*)?)"
    r"\s*:\s*$",
    re.IGNORECASE,
)
_MOST_LINES_OF_ATTRIBUTION = 3


def own_words(body: str) -> str:
    """Return what the sender wrote; the whole when that is nothing but quotes."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    lines = lines[: _end(lines)]
    kept: list[str] = []
    for number, line in enumerate(lines):
        if not _QUOTED.match(line):
            kept.append(line)
        elif number == 0 or not _QUOTED.match(lines[number - 1]):
            _drop_attribution(kept)
    return tidy("\n".join(kept)) or tidy("\n".join(line.lstrip("> ") for line in lines))


def _end(lines: list[str]) -> int:
    """Return the line with which the signature, the list's footer or the mail below begins."""
    for number, line in enumerate(lines):
        below = lines[number + 1 : number + 8]
        if _SIGNATURE.match(line):
            return number
        if _FOOTER.match(line) and any(_FOOTER_WORDS.search(text) for text in below):
            return number
        if _BELOW.match(line) and not _FOOTER.match(line):
            return number
        if _HEAD_OF_OUTLOOK.match(line) and below and _NEXT_OF_OUTLOOK.match(below[0]):
            return number if not number or not _FOOTER.match(lines[number - 1]) else number - 1
    return len(lines)


def _drop_attribution(kept: list[str]) -> None:
    """Take "On Monday Ann wrote:", which may run over some lines, from the end of `kept`."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end or not _ATTRIBUTION.search(kept[end - 1]):
        return
    start = end - 1
    while start and end - start < _MOST_LINES_OF_ATTRIBUTION and kept[start - 1].strip():
        start -= 1
    first = next((at for at in range(end - 1, start - 1, -1) if _begins(kept[at])), end - 1)
    del kept[first:]


def _begins(line: str) -> bool:
    return bool(re.match(r"\s*(?:On|Am|Le|El|Il|Op|Den|At|In)\b", line))

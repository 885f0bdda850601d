"""The forms in which people write a name: `Acmes`, `googled`, `gegoogelt`, `googleando`, `Salesforceadministrator`.

Only a closed list of endings is asked for, so that a name is never found inside a longer word by chance; a form that is
an everyday word itself (Canva -> canvas) is none. English, German, French and Spanish.
"""

from __future__ import annotations

import re

from analyzers.common_words import COMMON_WORDS

MIN_LETTERS = 4
"""Shorter names have no forms: `its` is not of IT, `used` is not of US."""

_HEADS = (
    "account|admin|administrator|adresse|anbieter|anbindung|app|aktie|besprechung|chat|cloud|daten|datenbank|dienst"
    "|einfuhrung|gerat|integration|kanal|konferenz|konto|kunde|kunden|kundendienst|kundenservice|lizenz|lizenzen"
    "|meeting|nutzer|plattform|portal|preise|produkt|produkte|projekt|rechnung|server|shop|software|suche|support"
    "|system|team|ticket|tickets|update|vertrag|vertreter|werbung|zugang"
)
"""What German writes on to a name in one word, accents folded."""


def nominal_forms(name: str) -> tuple[str, ...]:
    """Return the plurals and genitives without apostrophe of `name`, one folded lower-case word."""
    if not _inflects(name):
        return ()
    return _unlike_words([f"{name}es"] if re.search(r"(?:[sxz]|ch|sh)$", name) else [f"{name}s"])


def verb_forms(name: str) -> tuple[str, ...]:
    """Return the forms of the verb "to do it with `name`", one folded lower-case word."""
    if not _inflects(name):
        return ()
    if name.endswith("y") and not re.search(r"[aeiou]y$", name):
        return _unlike_words([f"{name[:-1]}ied", f"{name}ing", f"{name}ear"])
    if name.endswith("e"):
        stem = name[:-1]
        forms = [f"{stem}{end}" for end in ("ed", "ing", "ear", "eando", "eado", "en", "er", "ez")]
        if name.endswith("le"):  # the German verb is googeln
            el = f"{name[:-2]}el"
            forms += [f"{el}n", f"{el}t", f"{el}te", f"ge{el}t"]
        return _unlike_words([*forms, f"ge{stem}t"])
    return _unlike_words([f"{name}ed", f"{name}ing", f"{name}ear", f"{name}eando", f"ge{name}t"])


def compound(name: str) -> str | None:
    """Return a pattern of the German compounds that begin with `name`, or None where it forms none."""
    return f"{re.escape(name)}(?:{_HEADS})(?:e?s|n|en|e|in|innen)?" if _inflects(name) else None


def stem(name: str) -> str:
    """Return the piece that `name` and all its forms contain."""
    if not _inflects(name):
        return name
    return name[:-2] if name.endswith("le") else name[:-1] if name[-1] in "ey" else name


def _inflects(name: str) -> bool:
    return len(name) >= MIN_LETTERS and name.isascii() and name.isalpha()


def _unlike_words(forms: list[str]) -> tuple[str, ...]:
    return tuple(form for form in forms if form not in COMMON_WORDS)

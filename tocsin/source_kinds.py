"""The kinds of sources: what each needs to be told, and which secrets open it.

One table for the configuration, which refuses what a kind does not take, and for the crawler, which
switches a source off whose secret is missing. Secrets are called `TOCSIN_<KIND>__<FIELD>`, or for one source alone
`TOCSIN_SOURCE_<NAME>__<FIELD>`, in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.store.records import SourceKind

WHERE = ("url", "query", "tags", "accounts", "communities", "pages")
"""The keys of a source that say where to listen; which of them a kind takes is in `KINDS`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of source takes. `needs` are groups of keys, of each group at least one.

    `secrets` are the fields that open it, `locked` those without which nothing can be read.
    A kind that is `off` has to be switched on by `enabled = true`: its terms ask for an approval first.
    """

    needs: tuple[tuple[str, ...], ...] = ()
    takes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    off: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of `WHERE` that the kind knows."""
        known = {key for group in self.needs for key in group} | set(self.takes)
        return tuple(key for key in WHERE if key in known)


URL = (("url",),)
KINDS: Mapping[SourceKind, Kind] = {
    "feed": Kind(URL),
    "sitemap": Kind(URL),
    "wordpress": Kind(URL),
    "hackernews": Kind(takes=("url", "query")),
    "forum": Kind(URL),
    "discourse": Kind(URL, takes=("communities", "query")),
    "nodebb": Kind(URL, takes=("communities",)),
    "flarum": Kind(URL, takes=("communities", "query")),
    "lemmy": Kind(URL, takes=("communities", "query")),
    "mastodon": Kind((("url",), ("tags", "accounts")), secrets=("token",)),
    "bluesky": Kind((("accounts", "pages", "query"),), takes=("url",), secrets=("handle", "app_password")),
    "stackexchange": Kind((("communities",),), takes=("url", "tags", "query"), secrets=("key",)),
    "github": Kind((("communities",),), takes=("url", "query"), secrets=("token",)),
    "youtube": Kind((("accounts", "pages", "query"),), takes=("url",), secrets=("key",), locked=("key",)),
    "hyperkitty": Kind(URL),
    "mbox": Kind(URL),
    "isso": Kind(URL, takes=("pages",)),
    "reviews": Kind(URL),
    "reddit": Kind(
        (("communities", "query"),),
        takes=("url",),
        secrets=("client_id", "client_secret"),
        locked=("client_id", "client_secret"),
        off=True,
    ),
    "x": Kind((("accounts", "query"),), takes=("url",), secrets=("token",), locked=("token",), off=True),
    "facebook": Kind((("accounts",),), takes=("url",), secrets=("token",), locked=("token",)),
    "instagram": Kind((("accounts",),), takes=("url",), secrets=("token",), locked=("token",)),
    "linkedin": Kind((("accounts",),), takes=("url",), secrets=("token",), locked=("token",)),
    "import": Kind(),
}
GONE = {
    "google+": "Google+ was shut down in April 2019",
    "googleplus": "Google+ was shut down in April 2019",
    "myspace": "MySpace has no public discussions and no API any more",
    "twitter": 'Twitter is called X now: write kind = "x"',
    "disqus": 'Disqus has no open API: read the page\'s own feed (kind = "feed") or import an export',
}
"""Places that people ask for and that cannot be read, and why."""


def kind_named(name: object) -> Kind | None:
    """Return the kind called `name`, None where there is none."""
    return next((kind for known, kind in KINDS.items() if known == name), None)


def secret_names(kind: SourceKind, source: str, field: str) -> tuple[str, str]:
    """Return what the secret `field` of `source` may be called: for it alone, and for all of its kind."""
    own = re.sub(r"[^A-Z0-9]", "_", source.upper())
    return f"TOCSIN_SOURCE_{own}__{field.upper()}", f"TOCSIN_{kind.upper()}__{field.upper()}"


def missing_secrets(kind: SourceKind, held: Mapping[str, str]) -> list[str]:
    """Return the names of the secrets without which a source of `kind` cannot be read and that are not `held`."""
    return [f"TOCSIN_{kind.upper()}__{field.upper()}" for field in KINDS[kind].locked if not held.get(field)]


def complaint(kind: SourceKind, given: Mapping[str, object]) -> str | None:
    """Return what is wrong with the keys `given` to a source of `kind`, None when nothing is."""
    told = [key for key in WHERE if given.get(key)]
    for group in KINDS[kind].needs:
        if not any(key in told for key in group):
            return f"a source of kind {kind} needs {' or '.join(f'`{key}`' for key in group)} (docs/sources.md)"
    strange = [key for key in told if key not in KINDS[kind].keys]
    if strange and kind != "import":
        known = ", ".join(KINDS[kind].keys)
        return f"a source of kind {kind} takes no `{strange[0]}`; it takes: {known}"
    return None

"""A source that could be added: its `[[sources]]` block, and the secrets it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tocsin.source_kinds import KINDS
from tocsin.store.records import SourceKind


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source as it could stand in tocsin.toml. `keys` are those of `source_kinds.WHERE`, `why` what speaks for it.

    `sure`: the site itself said so (an API answered, a feed was named); else it is a guess. `note`: what to know
    before adding it.
    """

    kind: SourceKind
    name: str
    keys: Mapping[str, str | tuple[str, ...]]
    why: str
    sure: bool = True
    note: str = ""
    secrets: tuple[str, ...] = field(init=False)
    config: str = field(init=False)

    def __post_init__(self) -> None:
        """Name the secrets and write the block: what is printed, and what `--json` carries."""
        object.__setattr__(self, "secrets", secrets_of(self.kind))
        object.__setattr__(self, "config", to_toml(self))


def secrets_of(kind: SourceKind) -> tuple[str, ...]:
    """Return the secrets of a kind by their names in the environment, those that may be left out marked so."""
    known = KINDS[kind]
    return tuple(
        f"TOCSIN_{kind.upper()}__{secret.upper()}" + ("" if secret in known.locked else " (optional)")
        for secret in known.secrets
    )


def to_toml(proposal: Proposal) -> str:
    """Return the block to paste into tocsin.toml, with what to know as comments."""
    lines = ["[[sources]]", f"name = {_quoted(proposal.name)}", f"kind = {_quoted(proposal.kind)}"]
    lines += [f"{key} = {_value(value)}" for key, value in proposal.keys.items()]
    if KINDS[proposal.kind].off:
        lines.append("enabled = true  # only once they have approved of you: their terms ask for it")
    if proposal.secrets:
        lines.append(f"# secrets: {', '.join(proposal.secrets)}")
    if proposal.note:
        lines.append(f"# {_plain(proposal.note)}")
    return "\n".join(lines)


def source_name(*parts: str) -> str:
    """Return a name that a source may have, made of a host and whatever tells it apart."""
    joined = "-".join(part for part in parts if part).lower().removeprefix("www.")
    return re.sub(r"[^a-z0-9._]+", "-", joined).strip("-._")[:64].rstrip("-._") or "source"


def with_distinct_names(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return the proposals with names of their own, so that several of them can be pasted."""
    taken: set[str] = set()
    named = []
    for proposal in proposals:
        candidates = (
            proposal.name,
            source_name(proposal.name[:50], proposal.kind),
            *(source_name(proposal.name[:46], proposal.kind, str(number)) for number in range(2, 1_000)),
        )
        name = next(name for name in candidates if name not in taken)
        taken.add(name)
        named.append(replace(proposal, name=name))
    return named


def _value(value: str | tuple[str, ...]) -> str:
    return _quoted(value) if isinstance(value, str) else f"[{', '.join(_quoted(item) for item in value)}]"


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, save for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)

"""What is wrong with a configuration, in an operator's words.

ConfigError
    the configuration, a secrets file or the installation cannot be used; exit code 2
"""

from __future__ import annotations

import difflib
import types
import typing
from pathlib import Path

from pydantic import BaseModel, ValidationError

_PLAIN = {
    "tuple_type": "write a list in square brackets, or tables in double ones like [[brands]]",
    "model_type": "write a table here, like [mail]",
    "string_type": "write text in quotes",
    "int_type": "write a whole number without quotes",
    "bool_type": "write true or false without quotes",
    "finite_number": "write a finite number",
    "string_pattern_mismatch": "write an e-mail address, like pr@example.com",
}
"""What pydantic's words would not tell an operator, by its type of error."""


class ConfigError(Exception):
    """The configuration cannot be used. The text names the file, the key and what to do."""


def explain(path: Path, error: ValidationError, root: type[BaseModel]) -> str:
    """Return one line a mistake: file, key (`sources[1].budget`), what is wrong, the nearest known key."""
    lines = []
    for mistake in error.errors(include_url=False, include_input=False):
        place = mistake["loc"]
        key = _spelled(place)
        if mistake["type"] == "extra_forbidden":
            lines.append(f"{path}: unknown key {key!r}{_suggestion(place, root)}")
        elif mistake["type"] == "missing":
            lines.append(f"{path}: key {key!r} is missing")
        else:
            message = _PLAIN.get(mistake["type"]) or mistake["msg"].removeprefix("Value error, ")
            lines.append(f"{path}: {key}: {message}" if key else f"{path}: {message}")
    return "\n".join(lines)


def _spelled(place: tuple[int | str, ...]) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _suggestion(place: tuple[int | str, ...], root: type[BaseModel]) -> str:
    section: type[BaseModel] | None = root
    for part in place[:-1]:
        if section is not None and isinstance(part, str):
            section = _section_of(section, part)
    if section is None:
        return ""
    known = [field.alias or name for name, field in section.model_fields.items() if not field.exclude]
    near = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; known here: {', '.join(sorted(known))}"


def _section_of(section: type[BaseModel], name: str) -> type[BaseModel] | None:
    for key, field in section.model_fields.items():
        if name in (key, field.alias):
            return section_in(field.annotation)
    return None


def section_in(annotation: object) -> type[BaseModel] | None:
    """Return the section that a field's `annotation` holds, itself or in a tuple or union; None for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType | types.GenericAlias) or typing.get_origin(annotation):
        for inner in typing.get_args(annotation):
            found = section_in(inner)
            if found is not None:
                return found
    return None

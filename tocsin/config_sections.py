"""The sections of `tocsin.toml`, each with what may stand in it; `tocsin.config` puts them together.

Unknown keys are refused in every section, and all of them are frozen.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import time as ClockTime  # noqa: N812 - a field of Schedule is called time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tocsin.config_values import Address, Clock, Domain, Label, Line, Name, Sender, Switch, WebAddress, Whole, Words
from tocsin.source_kinds import GONE, WHERE, complaint, kind_named
from tocsin.store.records import SourceKind


class Section(BaseModel):
    """What all sections share."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


class Brand(Section):
    """A company, product or account to listen for."""

    name: Annotated[Line, Field(min_length=1, max_length=100)]
    role: Literal["own", "competitor", "target"] = "own"
    aliases: Words = ()
    exclusions: Words = ()
    context: Words = ()
    staff: Words = ()
    domains: tuple[Domain, ...] = ()
    hints: Words = ()
    ambiguous: Switch | None = None


class Source(Section):
    """A place to listen in."""

    name: Name
    kind: SourceKind
    url: WebAddress | None = None
    query: Annotated[Line, Field(min_length=1)] | None = None
    tags: Words = ()
    accounts: Words = ()
    communities: Words = ()
    pages: Words = ()
    columns: Mapping[Label, Line] = {}
    budget: Annotated[Whole, Field(ge=1, le=100_000)] = 2_000
    history_days: Annotated[Whole, Field(ge=0, le=3_650)] = 60
    silent_after_hours: Annotated[Whole, Field(ge=1)] = 30
    allow_private: Switch = False
    enabled: Switch = True

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_kind(cls, given: Any) -> Any:
        kind: Any = given.get("kind") if isinstance(given, dict) else None
        if isinstance(kind, str) and kind.casefold() in GONE:
            raise ValueError(GONE[kind.casefold()])
        known = kind_named(kind)
        return {"enabled": not known.off, **given} if known else given

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if wrong := complaint(self.kind, {key: getattr(self, key) for key in WHERE}):
            raise ValueError(wrong)
        if self.columns and self.kind != "import":
            raise ValueError("columns are for a source of kind import: they name the columns of its files")
        return self


class Crawl(Section):
    """How to behave as a guest."""

    contact: Line = ""
    minutes: Annotated[float, Field(gt=0)] = 60
    delay: Annotated[float, Field(ge=0)] = 1.0
    concurrency: Annotated[Whole, Field(ge=1, le=64)] = 8
    per_host: Annotated[Whole, Field(ge=1, le=16)] = 1
    obey_robots: Switch = True


class Smtp(Section):
    """The mail server."""

    host: Line = ""
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: Line = ""
    ca_file: Path | None = None
    timeout: Annotated[float, Field(gt=0)] = 30.0


class Recipient(Section):
    """Who gets the digest, and about which brands (empty: all own ones with their competitors)."""

    address: Address
    brands: Words = ()


class Mail(Section):
    """How the digest leaves the house."""

    sender: Annotated[Sender, Field(alias="from")] = "tocsin@localhost"
    channel: Literal["file", "smtp"] = "file"
    outbox: Path = Path("outbox")
    recipients: tuple[Recipient, ...] = ()
    smtp: Smtp = Smtp()


class Schedule(Section):
    """When the nightly run starts, and whose days it counts."""

    time: Clock = ClockTime(6, 0)
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            near = difflib.get_close_matches(zone, available_timezones(), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "use a name like Europe/Berlin"
            raise ValueError(f"no time zone is called {zone!r}; {hint}") from error
        return zone


class Answers(Section):
    """When a complaint that nobody of the brand answered is worth a personal reply."""

    unanswered_hours: Annotated[Whole, Field(ge=1, le=168)] = 24


class Retention(Section):
    """How long posts are kept; 0 keeps them for ever."""

    days: Annotated[Whole, Field(ge=0)] = 0


class Privacy(Section):
    """Authors are people."""

    pseudonymise: Switch = False

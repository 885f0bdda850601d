"""The configuration: `tocsin.toml` and the environment, read here and nowhere else.

A frozen `Config` is handed down as plain values. Unknown keys are refused at every level with the
file, the key and the nearest known name. Secrets never stand in the file: they come from the
environment (`TOCSIN_SMTP__PASSWORD`) or from a secrets file (`TOCSIN_SECRETS_FILE`, or
`tocsin.secrets.toml` beside the configuration).
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, model_validator

from tocsin.config_errors import ConfigError, explain
from tocsin.config_sections import Answers, Brand, Crawl, Mail, Privacy, Retention, Schedule, Section, Source
from tocsin.config_values import Label, Line, Meaning
from tocsin.source_kinds import KINDS, secret_names

DEFAULT_NAME = "tocsin.toml"
SECRETS_NAME = "tocsin.secrets.toml"
_SECRETS = {"TOCSIN_SMTP__PASSWORD": "smtp_password", "TOCSIN_PSEUDONYM_KEY": "pseudonym_key"}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Config(Section):
    """The whole configuration, paths resolved against its file's folder."""

    store: Path = Path("tocsin.db")
    model: Annotated[Line, Field(min_length=1)] = "embedded"
    model_labels: Mapping[Label, Meaning] = {}
    brands: tuple[Brand, ...] = ()
    sources: tuple[Source, ...] = ()
    crawl: Crawl = Crawl()
    mail: Mail = Mail()
    schedule: Schedule = Schedule()
    answers: Answers = Answers()
    retention: Retention = Retention()
    privacy: Privacy = Privacy()
    file: Path | None = Field(default=None, exclude=True)
    smtp_password: SecretStr | None = Field(default=None, exclude=True)
    pseudonym_key: SecretStr | None = Field(default=None, exclude=True)
    credentials: Mapping[str, Mapping[str, SecretStr]] = Field(default={}, exclude=True)

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        for kind, names in (("brand", [b.name for b in self.brands]), ("source", [s.name for s in self.sources])):
            folded = [name.casefold() for name in names]
            twice = [name for name in names if folded.count(name.casefold()) > 1]
            if twice:
                raise ValueError(f"two {kind}s are called {twice[0]!r}; names must differ, not only in case")
        known = {brand.name for brand in self.brands}
        for recipient in self.mail.recipients:
            for wanted in recipient.brands:
                if wanted not in known:
                    near = difflib.get_close_matches(wanted, known, n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    raise ValueError(f"recipient {recipient.address} wants the brand {wanted!r}, not listed{hint}")
        if self.model == "embedded" and self.model_labels:
            raise ValueError("model_labels is for a Hugging Face classifier; the embedded model speaks our words")
        if self.mail.channel == "smtp" and not self.mail.smtp.host:
            raise ValueError('mail.channel is "smtp": set mail.smtp.host')
        smtp = self.mail.smtp
        if smtp.tls == "none" and smtp.user and smtp.host not in _LOOPBACK:
            raise ValueError('mail.smtp.tls is "none": the password of mail.smtp.user would travel in the clear')
        if self.privacy.pseudonymise and self.pseudonym_key is None:
            raise ValueError("privacy.pseudonymise needs the secret TOCSIN_PSEUDONYM_KEY (any long random text)")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose days are counted."""
        return ZoneInfo(self.schedule.zone)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration at `path`.

    Raises `ConfigError`, whose text names the file, every wrong key and what to do.
    """
    data = _read_toml(path, "Run `tocsin init` to write one.")
    for reserved in ("file", "smtp_password", "pseudonym_key", "credentials"):
        if reserved in data:
            raise ConfigError(f"{path}: unknown key {reserved!r}; secrets belong in the environment")
    folder = path.resolve().parent
    secrets = _secrets(folder, environ)
    named = {field: secrets[key] for key, field in _SECRETS.items() if secrets.get(key)}
    try:
        config = Config.model_validate({**data, "file": path.resolve(), **named})
    except ValidationError as error:
        raise ConfigError(explain(path, error, Config)) from error
    return _resolved(config, folder).model_copy(update={"credentials": _credentials(config.sources, secrets)})


def shipped(*parts: str) -> Path:
    """Return a file or folder that Tocsin ships (`shipped("data", "model")`), in a checkout or an installed wheel.

    Raises `ConfigError` when the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for root in (package.parent, package / "shipped"):
        if (root / "templates").is_dir() and root.joinpath(*parts).exists():
            return root.joinpath(*parts)
    raise ConfigError(f"{'/'.join(parts)}: not found beside tocsin ({package}); install Tocsin again")


def _read_toml(path: Path, hint: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file. {hint}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error


def _secrets(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    named = environ.get("TOCSIN_SECRETS_FILE")
    path = Path(named) if named else folder / SECRETS_NAME
    stored: dict[str, Any] = {}
    if named or path.exists():
        stored = _read_toml(path, "TOCSIN_SECRETS_FILE names it.")
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise ConfigError(f"{path}: others can read it; run: chmod 600 {path}")
        of_kinds = {secret_names(kind, "", field)[1] for kind in KINDS for field in KINDS[kind].secrets}
        for key in sorted(key for key in stored.keys() - _SECRETS.keys() - of_kinds if not _of_source(key)):
            known = ", ".join([*_SECRETS, *sorted(of_kinds), "TOCSIN_SOURCE_<NAME>__<FIELD>"])
            raise ConfigError(f"{path}: unknown key {key!r}; known: {known}")
    found = stored | {key: value for key, value in environ.items() if key.startswith("TOCSIN_") and value}
    return {key: str(value) for key, value in found.items() if value}


def _of_source(key: str) -> bool:
    return key.startswith("TOCSIN_SOURCE_") and "__" in key


def _credentials(sources: Sequence[Source], secrets: Mapping[str, str]) -> dict[str, dict[str, SecretStr]]:
    """Return the secrets of each source by their field; one of its own goes before the one of its kind."""
    found: dict[str, dict[str, SecretStr]] = {}
    for source in sources:
        for field in KINDS[source.kind].secrets:
            names = secret_names(source.kind, source.name, field)
            value = next((secrets[name] for name in names if name in secrets), None)
            if value is not None:
                found.setdefault(source.name, {})[field] = SecretStr(value)
    return found


def _resolved(config: Config, folder: Path) -> Config:
    def under(path: Path) -> Path:
        return folder / path.expanduser()

    smtp = config.mail.smtp
    try:
        ca_file = under(smtp.ca_file) if smtp.ca_file else None
        mail = config.mail.model_copy(
            update={"outbox": under(config.mail.outbox), "smtp": smtp.model_copy(update={"ca_file": ca_file})}
        )
        return config.model_copy(update={"store": under(config.store), "mail": mail})
    except RuntimeError as error:  # pathlib: "~somebody" without a home
        raise ConfigError(f"{config.file}: a path starts with ~, but {error}") from error

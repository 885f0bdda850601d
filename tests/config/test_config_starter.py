"""The starter that `tocsin init` writes, and the file that the docs show, are configurations."""

from __future__ import annotations

import re
from pathlib import Path

from config_files import written
from pydantic import BaseModel

from tocsin.config import Config, load, shipped
from tocsin.config_errors import section_in


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^# (?=\[\[|[a-z_]+ = )", "", text)


def keys_of(section: type[BaseModel]) -> set[str]:
    found: set[str] = set()
    for name, field in section.model_fields.items():
        if not field.exclude:
            inner = section_in(field.annotation)
            found |= keys_of(inner) if inner else {field.alias or name}
    return found


def test_the_starter_loads_as_it_stands_and_with_every_example_uncommented(tmp_path: Path) -> None:
    starter = shipped("data", "tocsin.toml").read_text(encoding="utf-8")
    assert load(written(tmp_path, starter), {}).brands == ()
    config = load(written(tmp_path, uncommented(starter)), {})
    assert [brand.role for brand in config.brands] == ["own", "competitor"]
    assert {source.kind for source in config.sources} == {
        *("forum", "wordpress", "feed", "hackernews", "stackexchange", "mastodon", "youtube", "import")
    }
    assert config.mail.recipients[0].brands == ("Acme",)


def test_the_starter_shows_every_key_and_its_defaults_are_the_true_ones(tmp_path: Path) -> None:
    starter = shipped("data", "tocsin.toml").read_text(encoding="utf-8")
    shown = set(re.findall(r"(?m)^(?:# )?([a-z_]+) = ", starter))
    assert shown == keys_of(Config)
    config = load(written(tmp_path, uncommented(starter)), {})
    plain = load(written(tmp_path, ""), {})
    for section in ("retention", "privacy", "schedule", "model", "store"):
        assert getattr(config, section) == getattr(plain, section), section
    assert config.crawl.model_copy(update={"contact": ""}) == plain.crawl
    assert (config.mail.sender, config.mail.channel) == (plain.mail.sender, plain.mail.channel)
    assert (config.mail.smtp.port, config.mail.smtp.tls, config.mail.smtp.timeout) == (587, "starttls", 30.0)


def test_the_file_that_the_docs_show_is_one_that_loads(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
    shown = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)[-1]
    assert load(written(tmp_path, shown), {}).sources[1].query == "acme"

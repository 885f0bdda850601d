"""The configuration: what is wrong is said with file, key and what to do."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from config_files import FULL, refusal, written
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from tocsin.config import Config, load
from tocsin.config_errors import ConfigError, section_in


def test_an_empty_file_is_a_working_configuration_without_anything_to_hear(tmp_path: Path) -> None:
    config = load(written(tmp_path, ""), {})
    assert config.brands == ()
    assert config.sources == ()
    assert config.model == "embedded"
    assert config.schedule.time == time(6, 0)


def test_a_full_file_is_read_and_its_paths_start_in_its_folder(tmp_path: Path) -> None:
    config = load(written(tmp_path, FULL + "[retention]\ndays = 400\n[crawl]\ndelay = 2\n"), {})
    assert config.store == tmp_path / "tocsin.db"
    assert config.mail.outbox == tmp_path / "outbox"
    assert config.file == tmp_path / "tocsin.toml"
    assert config.zone.key == "Europe/Berlin"
    assert config.brands[0].aliases == ("Acme Flow",)
    assert config.mail.sender == "Tocsin <tocsin@acme.example>"
    assert config.crawl.delay == 2.0


def test_absolute_paths_and_the_home_folder_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    text = f'store = "~/watch.db"\n[mail]\noutbox = "{tmp_path}/out"\n[mail.smtp]\nca_file = "ca.pem"\n'
    config = load(written(tmp_path, text), {})
    assert config.store == tmp_path / "home" / "watch.db"
    assert config.mail.outbox == tmp_path / "out"
    assert config.mail.smtp.ca_file == tmp_path / "ca.pem"


def test_the_configuration_is_frozen(tmp_path: Path) -> None:
    config = load(written(tmp_path, FULL), {})
    with pytest.raises(ValueError, match="frozen"):
        config.store = Path("elsewhere")  # type: ignore[misc] # that is the point


@pytest.mark.parametrize(
    ("text", "key", "suggested"),
    [
        ('stoer = "x.db"', "stoer", "store"),
        ("[mial]\n", "mial", "mail"),
        ("[crawl]\ndeley = 1\n", "crawl.deley", "delay"),
        ('[mail.smtp]\nhots = "x"\n', "mail.smtp.hots", "host"),
        ('[[brands]]\nname = "A"\nalias = ["B"]\n', "brands[0].alias", "aliases"),
        (FULL + '[[sources]]\nname = "b"\nkind = "feed"\nulr = "https://x.example"\n', "sources[1].ulr", "url"),
        ('[[mail.recipients]]\naddress = "a@b.example"\nbrand = []\n', "mail.recipients[0].brand", "brands"),
        ('[mail]\nform = "a@b.example"\n', "mail.form", "from"),
        ('[mail]\nsendr = "a@b.example"\n', "mail.sendr", "smtp"),
        ('[schedule]\ntimezone = "UTC"\n', "schedule.timezone", "zone"),
        ("[retention]\nday = 3\n", "retention.day", "days"),
        ("[privacy]\npseudonymize = true\n", "privacy.pseudonymize", "pseudonymise"),
    ],
)
def test_an_unknown_key_is_refused_with_file_key_and_nearest_name(
    tmp_path: Path, text: str, key: str, suggested: str
) -> None:
    said = refusal(tmp_path, text)
    assert str(tmp_path / "tocsin.toml") in said
    assert f"unknown key {key!r}" in said
    assert suggested in said.partition("unknown key")[2]


def sections(section: type[BaseModel], prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [prefix]
    for name, field in section.model_fields.items():
        inner = section_in(field.annotation)
        if inner is not None:
            found += sections(inner, (*prefix, field.alias or name))
    return found


@given(st.sampled_from(sections(Config)), st.from_regex(r"[a-z]{3,12}_x", fullmatch=True))
@settings(max_examples=40, deadline=None)
def test_no_section_takes_a_key_it_does_not_know(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[str, ...], key: str
) -> None:
    lists = {("brands",), ("sources",), ("mail", "recipients")}
    name = ".".join(place)
    header = "" if not place else f"[[{name}]]\n" if place in lists else f"[{name}]\n"
    said = refusal(tmp_path_factory.mktemp("config"), f"{header}{key} = 1\n")
    assert f"{key}'" in said
    assert "unknown key" in said


def test_every_mistake_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    said = refusal(tmp_path, 'stoer = "x"\n[crawl]\nminutes = 0\n[[brands]]\nrole = "own"\n')
    assert len(said.splitlines()) == 3
    assert "'brands[0].name' is missing" in said
    assert "crawl.minutes" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[schedule]\nzone = "Europe/Berln"', "did you mean 'Europe/Berlin'"),
        ('[schedule]\nzone = "Europe"', "no time zone"),
        ('[schedule]\nzone = ""', "no time zone"),
        ('[schedule]\nzone = "../../etc/passwd"', "no time zone"),
        ('[schedule]\ntime = "6:00"', "HH:MM"),
        ('[schedule]\ntime = "24:00"', "HH:MM"),
        ("[schedule]\ntime = 600", "HH:MM"),
        ("[schedule]\ntime = 2026-11-22T06:00:00Z", "HH:MM"),
        ('[[sources]]\nname = "f"\nkind = "forum"', "needs `url`"),
        ('[[sources]]\nname = "f"\nkind = "forum"\nurl = "forum.example.org"', "http://"),
        ('[[sources]]\nname = "f"\nkind = "forum"\nurl = "ftp://forum.example.org"', "http://"),
        ('[[sources]]\nname = "f"\nkind = "forum"\nurl = "https://a b.example"', "http://"),
        ('[[sources]]\nname = "f"\nkind = "forum"\nurl = "https://a.example:99999/"', "no web address"),
        ('[[sources]]\nname = "f"\nkind = "forum"\nurl = "https://"', "http://"),
        ('[[sources]]\nname = "f"\nkind = "forum"\nurl = "https://me:secret@a.example/"', "no place for secrets"),
        ('[[sources]]\nname = "a b"\nkind = "import"', "letters, digits"),
        ('[[sources]]\nname = "../x"\nkind = "import"', "letters, digits"),
        ('[[sources]]\nname = "f"\nkind = "forums"\nurl = "https://a.example"', "'forum'"),
        ('[[sources]]\nname = "f"\nkind = "import"\nbudget = "20"', "whole number without quotes"),
        ('[[sources]]\nname = "f"\nkind = "import"\nbudget = true', "whole number"),
        ('[[sources]]\nname = "f"\nkind = "import"\nenabled = "no"', "true or false"),
        ('[[sources]]\nname = "f"\nkind = "import"\nbudget = 0', "greater than or equal to 1"),
        ('[[brands]]\nname = ""', "at least 1"),
        ('[[brands]]\nname = "A"\naliases = "B"', "list in square brackets"),
        ('[[brands]]\nname = "A"\naliases = [""]', "at least 1"),
        ('[[brands]]\nname = "A\\nB"', "line breaks"),
        ('[brands]\nname = "A"', "double ones"),
        ('mail = "x"', "write a table"),
        ("[crawl]\nminutes = inf", "finite"),
        ("[crawl]\ndelay = nan", "finite"),
        ("[crawl]\ndelay = -1", "greater than or equal to 0"),
        ('[[mail.recipients]]\naddress = "nobody"', "e-mail address"),
        ('[mail]\nfrom = "Tocsin"', "e-mail address"),
        ('[mail]\nfrom = "a@b.example\\nBcc: c@d.example"', "line breaks"),
        ('[mail]\nchannel = "smtp"', "set mail.smtp.host"),
        ('[mail.smtp]\nhost = "a.example"\ntls = "none"\nuser = "x"', "in the clear"),
        ('[[brands]]\nname = "A"\n[[brands]]\nname = "a"', "two brands"),
        ('[[sources]]\nname = "A"\nkind = "import"\n[[sources]]\nname = "a"\nkind = "import"', "two sources"),
        (
            '[[brands]]\nname = "Acme"\n[[mail.recipients]]\naddress = "a@b.example"\nbrands = ["Acmee"]',
            "did you mean 'Acme'",
        ),
        ("[privacy]\npseudonymise = true", "TOCSIN_PSEUDONYM_KEY"),
        ('smtp_password = "x"', "secrets belong in the environment"),
        ("store = \n", "cannot be read"),
    ],
)
def test_a_wrong_value_is_refused_in_words_that_help(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)


@pytest.mark.parametrize("url", ["ftp://me:hush@a.example", "https://me:hush@a.example:x/", "https://me:hush/x@a b"])
def test_no_complaint_about_an_address_repeats_its_password(tmp_path: Path, url: str) -> None:
    said = refusal(tmp_path, f'[[sources]]\nname = "f"\nkind = "forum"\nurl = "{url}"')
    assert "sources[0].url" in said
    assert "hush" not in said


def test_a_plain_password_stays_on_this_machine(tmp_path: Path) -> None:
    config = load(written(tmp_path, '[mail.smtp]\nhost = "127.0.0.1"\ntls = "none"\nuser = "x"\n'), {})
    assert config.mail.smtp.user == "x"


def test_a_time_of_day_without_quotes_is_understood(tmp_path: Path) -> None:
    assert load(written(tmp_path, "[schedule]\ntime = 07:30:00\n"), {}).schedule.time == time(7, 30)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_bytes(b"\xef\xbb\xbf" + FULL.encode())
    assert load(path, {}).brands[0].name == "Acme"


def test_a_missing_file_and_a_folder_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tocsin init"):
        load(tmp_path / "nowhere.toml", {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'store = "caf\xe9.db"')
    with pytest.raises(ConfigError, match="cannot be read"):
        load(latin, {})


@given(st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_whatever_stands_in_the_file_gives_a_configuration_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    said = ""
    try:
        load(path, {})
    except ConfigError as error:
        said = str(error)
    assert not said or said.startswith(str(path))

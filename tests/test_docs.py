"""What the docs do not name does not exist: commands, options, configuration keys, tables, views."""

import re
from pathlib import Path

import pytest
import typer.core
import typer.main
from pydantic import BaseModel

from tocsin.cli.main import app
from tocsin.config import Config
from tocsin.config_errors import section_in
from tocsin.store import schema

ROOT = Path(__file__).resolve().parent.parent
PAGES = {path.name: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}
DOCS = "\n".join(PAGES.values())


def commands() -> list[tuple[str, typer.core.TyperCommand]]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    named = dict(group.commands)
    for name, inner in group.commands.items():
        if isinstance(inner, typer.core.TyperGroup):
            named |= {f"{name} {verb}": command for verb, command in inner.commands.items()}
    return [(name, command) for name, command in sorted(named.items()) if isinstance(command, typer.core.TyperCommand)]


def config_keys(section: type[BaseModel], prefix: str = "") -> list[str]:
    keys = []
    for name, field in section.model_fields.items():
        if field.exclude:
            continue
        key = prefix + (field.alias or name)
        inner = section_in(field.annotation)
        keys += config_keys(inner, key + ".") if inner else [key]
    return keys


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_and_option_is_documented(name: str, command: typer.core.TyperCommand) -> None:
    assert f"tocsin {name}" in DOCS
    options = [option for param in command.params for option in param.opts if option.startswith("--")]
    missing = [
        option
        for option in options
        if not re.search(rf"`[^`\n]*{option}\b|^\s*(?:\$ )?tocsin .*{option}\b", DOCS, re.MULTILINE)
    ]
    assert not missing, f"tocsin {name}: {missing} stand in no page of docs/"


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_says_what_it_is_for(name: str, command: typer.core.TyperCommand) -> None:
    assert command.help, name
    assert all(getattr(param, "help", True) for param in command.params), f"an option of {name} has no help"


@pytest.mark.parametrize("key", config_keys(Config))
def test_every_configuration_key_is_documented(key: str) -> None:
    page = PAGES["configuration.md"]
    assert re.search(rf"`[^`\n]*\b{re.escape(key.rsplit('.', 1)[-1])}\b[^`\n]*`", page), key


@pytest.mark.parametrize(
    "name",
    re.findall(
        r"CREATE (?:TABLE|VIEW|VIRTUAL TABLE) (\w+)",
        "\n".join(script for script in vars(schema).values() if isinstance(script, str)),
    ),
)
def test_every_table_and_view_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGES["analysts.md"]


def test_the_readme_links_to_every_page_of_the_docs_and_no_link_is_dead() -> None:
    linked = set(re.findall(r"\]\(docs/([\w-]+\.md)", PAGES["README.md"]))
    assert linked == {path.name for path in (ROOT / "docs").glob("*.md")}
    for name, text in PAGES.items():
        folder = ROOT if name == "README.md" else ROOT / "docs"
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
            assert (folder / target).exists(), f"{name}: {target}"

"""import-linter holds the packages (make check); these hold what it cannot see."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("tocsin", "crawler", "analyzers")


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_the_scheduler_never_imports_the_command_line_or_the_demo() -> None:
    assert not [name for name in imports(ROOT / "scheduler.py") if name.startswith(("tocsin.cli", "tocsin.demo"))]


def test_no_room_is_called_utils_helpers_or_misc() -> None:
    names = {path.stem for room in ROOMS for path in (ROOT / room).rglob("*")}
    assert not names & {"utils", "util", "helpers", "helper", "misc", "common"}


def test_production_code_never_asks_whether_it_is_under_test() -> None:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            assert "pytest" not in path.read_text(encoding="utf-8"), path


def test_only_the_configuration_reads_the_environment() -> None:
    allowed = {ROOT / "tocsin/config.py"}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if path not in allowed and ("os.environ" in text or "getenv" in text):
                assert "reads the environment because" in text, f"{path}: the environment is tocsin/config.py's to read"

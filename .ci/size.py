"""Measure what a default install costs on disk, and fail above 800 MB: a venv made for it, no dev tools, no torch."""

import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT_MB = 800


def main() -> int:
    """Install the checkout into a scratch environment and print its size."""
    with tempfile.TemporaryDirectory() as scratch:
        venv = Path(scratch) / "venv"
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-compile", "-c", "constraints.txt", "."], check=True)
        used = sum(file.stat().st_blocks * 512 for file in venv.rglob("*") if file.is_file() and not file.is_symlink())
    print(f"default install: {used / 1e6:.0f} MB (limit {LIMIT_MB})")
    return 0 if used / 1e6 <= LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())

"""Fail on every skipped test whose reason is not listed: `skips.py PYTEST_OUTPUT ALLOWED`."""

import re
import sys
from pathlib import Path


def main() -> int:
    """Compare the SKIPPED lines of a pytest run with the allowed reasons (one a line, # for comments)."""
    output, allowed_file = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
    allowed = [line.strip() for line in allowed_file.splitlines() if line.strip() and not line.startswith("#")]
    skipped = re.findall(r"^SKIPPED \[\d+\] (.*)$", output, flags=re.MULTILINE)
    unlisted = [line for line in skipped if not any(reason in line for reason in allowed)]
    for line in unlisted:
        print(f"skipped, and not in {sys.argv[2]}: {line}")
    return 1 if unlisted else 0


if __name__ == "__main__":
    sys.exit(main())

import subprocess
import sys
from pathlib import Path


def test_training_without_torch_says_what_to_install(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['torch'] = None; from tocsin.cli.main import app;"
        f"app(['train', '--data', {str(tmp_path)!r}, '--encoder', {str(tmp_path)!r}, '--out', 'o', '--work', 'w'])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install torch==2.13.0" in done.stderr

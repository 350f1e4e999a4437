"""Every Python of this machine reads comments and counts lines alike.

Python 3.11.2, which Debian 12 brings, once read debts out of texts that are none: its regular
expressions differ where possessive repetition meets a lookahead.
"""

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.architecture.sources import ROOT

# Reads sources of the project with nothing but the standard library.
SCRIPT = """
import json, pathlib
from analysis.domain.python_raw import count_raw
from ledger.domain.comments import comment_lines
LANGUAGES = {".py": "python", ".js": "javascript", ".css": "css", ".html": "html", ".sh": "shell"}
found = {}
for folder in ("analysis", "hooks", "ledger", "orchestration", "static", "templates", "tests/unit"):
    for path in sorted(pathlib.Path(folder).rglob("*.*")):
        if language := LANGUAGES.get(path.suffix):
            text = path.read_text("utf-8")
            lines = [[one.line, one.column, one.text] for one in comment_lines(text, language)]
            found[str(path)] = [lines, repr(count_raw(text)) if path.suffix == ".py" else None]
print(json.dumps(found))
"""
PLACES = ("/usr/bin/python3", "/usr/local/bin/python3", "python3.11", "python3.12", "python3.13")


def read_by(program: str) -> Any:
    command = [program, "-B", "-c", SCRIPT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def is_new_enough(program: str) -> bool:
    check = "import sys; raise SystemExit(sys.version_info < (3, 11))"
    return subprocess.run([program, "-c", check], capture_output=True, check=False).returncode == 0


def test_all_read_the_same() -> None:
    others = {found for place in PLACES if (found := shutil.which(place)) and is_new_enough(found)}
    if not others:
        pytest.skip("no other Python is here")
    expected = read_by(sys.executable)
    assert len(expected) > 300
    for program in sorted(others):
        found = read_by(program)
        assert [path for path in expected if found[path] != expected[path]] == [], program

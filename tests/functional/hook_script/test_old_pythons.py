"""The hook script runs on every Python from 3.9 on, with nothing but the standard library."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.hook_script import SCRIPT
from tests.functional.hook_script.conftest import GOOD, Place

# The system's own may be a release of 3.11 with faults that were mended later.
OTHERS = ("3.9", "3.10", "3.12", "3.13", "/usr/bin/python3")


def python(version: str) -> str | None:
    """A Python of this version: on the path, or beside others in pyenv's folder; or a program."""
    found = shutil.which(version if "/" in version else f"python{version}")
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    others = sorted(root.glob(f"versions/{version}.*/bin/python"))
    for candidate in filter(None, (found, *map(str, others))):
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def test_its_syntax_is_that_of_python_3_9() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_it_needs_the_standard_library_only() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize("version", OTHERS)
def test_it_says_the_same_on(version: str, work: Place) -> None:
    other = python(version)
    if other is None:
        pytest.skip(f"there is no Python {version} here")
    work.write("a.py", "# coding: latin-1\n" + GOOD + "#   caf\u00e9\n")
    work.write("b.js", "/* DEBT(b, owner=a, cost=1-2-4w) [2099-01-01]: x\n *   y */ `${'/*'}`\n")
    work.write("c.rs", '// DEBT(cc, owner=a) [2099-02-30]: x\nlet a = r#"// DEBT(d"#; // DEBT: e\n')
    work.write("d.sql", "-- D\u0415BT(e, owner=a) [2099-01-01]: x\n$a$ -- DEBT(f $a$ -- DEBT: g\n")
    work.write("e.php", "<?php # DEBT(php, owner=a) [2099-01-01]: x ?> # DEBT: no\n")
    work.write("f.html", "<!-- DEBT(html, owner=a,\n       sev=low) [2099-01-01]: x -->\n" * 2)
    work.git("add", "--all")
    commands = (("scan", "--json"), ("scan", "--staged", "--json"), ("scan",), ("pre-commit",))
    for command in commands:
        here = work.hook(*command)
        there = work.run(other, str(SCRIPT), *command, fine=False)
        assert (there.returncode, there.stdout, there.stderr) == (
            here.returncode, here.stdout, here.stderr,
        )  # fmt: skip
    work.run(other, str(SCRIPT), "install")

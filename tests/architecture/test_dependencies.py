"""Dependencies are declared once, in pyproject.toml, and the locks follow it."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.architecture.sources import APPS, ROOT, sources

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIN = re.compile(r"([a-z0-9._-]+)==[0-9][^\s;]*( ;.*)?")


def normal(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def locked(file_name: str) -> set[str]:
    lines = (ROOT / file_name).read_text(encoding="utf-8").split("\n")
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not PIN.fullmatch(line)] == [], "pins and nothing else"
    return {normal(line) for line in pins}


def test_locks_cover_what_is_declared() -> None:
    run = {normal(requirement) for requirement in PROJECT["dependencies"]}
    development = {normal(item) for item in PROJECT["optional-dependencies"]["dev"]}
    assert run <= locked("requirements.txt")
    assert run | development <= locked("requirements-dev.txt")


def test_what_is_imported_is_declared() -> None:
    distributions = packages_distributions()
    declared = {normal(requirement) for requirement in PROJECT["dependencies"]}
    undeclared = {
        f"{source.path}: {name}"
        for source in sources(*APPS)
        for _, name in source.imported()
        if (top := name.split(".")[0]) not in {*APPS, *sys.stdlib_module_names}
        and not declared & {normal(distribution) for distribution in distributions.get(top, [])}
    }
    assert undeclared == set()

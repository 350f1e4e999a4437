"""`gate` as a process of its own: exit statuses, formats, and the snippets of the documentation."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders.git_history import History, run_git
from tests.builders.migrated import begin_with

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def day(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - the installation's day is UTC's, as is this machine's


MARK = f"# DEBT(carts, owner=payments) [{day(-60)}]: carts live in memory\n"


@pytest.fixture
def shop(tmp_path: Path) -> History:
    return (
        History(tmp_path / "shop.git")
        .commit("open", {"shop/__init__.py": "", "shop/cart.py": MARK})
        .branch("change")
        .commit("touch", {"shop/cart.py": MARK + "y = 2\n"})
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> dict[str, str]:
    """An installation of its own, embedded, whose policy blocks expired debt."""
    data = tmp_path_factory.mktemp("data")
    begin_with(migrated, data)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPLACE_")}
    variables = {**kept, "DISPLACE_DATA_DIR": str(data)}
    variables.pop("DJANGO_SETTINGS_MODULE", None)
    setup = (
        "from accounts import services as a; from accounts.domain.roles import Role;"
        "from ledger import services as l;"
        "from ledger.domain.policy_documents import DEFAULT_DOCUMENT as d;"
        "ann = a.user_create(username='ann', role=Role.ADMIN);"
        "e = {'expired_debt': {'enforcement': 'block', 'announced': None}};"
        "l.policy_change(actor=ann, document={**d, 'rules': {**d['rules'], **e}})"
    )
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", setup],
        cwd=ROOT,
        env=variables,
        check=True,
    )
    return variables


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    def start(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=tmp_path,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def revisions(base: str = "main", head: str = "change") -> list[str]:
    return ["--base", base, "--head", head]


def test_a_blocked_change(run: Run, shop: History) -> None:
    done = run("gate", "./shop.git", *revisions())
    assert (done.returncode, done.stderr) == (1, "")
    assert "\x1b" not in done.stdout
    assert "block    shop/cart.py:1  [expired_debt]" in done.stdout
    assert done.stdout.splitlines()[-1] == "This change is stopped: 1 blocks."


def test_a_fine_change(run: Run, shop: History) -> None:
    done = run("gate", str(shop.path), *revisions("main", "main"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing to say about this change." in done.stdout


@pytest.mark.parametrize("format_name", ["json", "sarif", "codeclimate"])
def test_the_formats_are_json_alone(run: Run, shop: History, format_name: str) -> None:
    done = run("gate", "./shop.git", *revisions(), "--format", format_name)
    assert (done.returncode, done.stderr) == (1, "")
    answer: Any = json.loads(done.stdout)
    if format_name == "json":
        assert (answer["schema"], answer["blocked"], answer["conclusion"]) == (1, True, "block")
        assert answer["findings"][0]["overdue_days"] == 60
    elif format_name == "sarif":
        assert answer["runs"][0]["results"][0]["level"] == "error"
    else:
        assert answer[0]["severity"] == "blocker"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["./shop.git", "--base", "main", "--head", "nowhere"], "no commit, branch or tag"),
        (["./none", *revisions()], "no readable directory"),
        (["shop-that-is-not", *revisions()], "no readable directory"),
        (["./shop.git", "--base", "main"], "--head"),
        (["./shop.git", *revisions(), "--format", "xml"], "xml"),
        (["./shop.git", *revisions(), "--repository", "none"], "no repository"),
        (["./shop.git", *revisions(), "--break-glass", "now"], "why the change cannot wait"),
        (["./shop.git", *revisions(), "--break-glass", "x" * 20, "--as", "zoe"], "no person"),
        (["./shop.git", *revisions(), "--comment", "https://github.com/a/b/pull/1"], "TOKEN"),
    ],
)
def test_bad_input_is_one_line(run: Run, shop: History, arguments: list[str], words: str) -> None:
    done = run("gate", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_breaking_the_glass(run: Run, shop: History) -> None:
    done = run("gate", "./shop.git", *revisions(), "--break-glass", "The shop is down today")
    assert done.returncode == 0
    assert "but ann let it through: The shop is down today" in done.stdout


# -- the snippets ------------------------------------------------------------------------------

GUIDE = (ROOT / "docs/gate.md").read_text(encoding="utf-8")
SNIPPETS = [
    yaml.safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
]


def sh(command: str, environment: dict[str, str], cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run a line of a snippet; `python` is the one that runs the tests."""
    line = re.sub(
        r"\bpython \S*manage\.py", f"{shlex.quote(sys.executable)} {ROOT}/manage.py", command
    )
    return subprocess.run(
        ["sh", "-c", line], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def clone(shop: History, tmp_path: Path) -> Path:
    run_git(tmp_path, "clone", "-q", "--branch", "change", str(shop.path), str(tmp_path / "change"))
    return tmp_path / "change"


def without_comment(command: str) -> str:
    """The line as it is where no token is given: there is no code host here."""
    return re.sub(r'--comment "[^"]*"', "", command)


def test_the_snippet_for_github(environment: dict[str, str], clone: Path, shop: History) -> None:
    (workflow,) = [one for one in SNIPPETS if "jobs" in one]
    steps = workflow["jobs"]["gate"]["steps"]
    (step,) = [one for one in steps if one.get("name") == "Gate"]
    assert steps[0]["with"]["fetch-depth"] == 0
    variables = {**environment, "GITHUB_BASE_REF": "main", "HEAD": shop.head}
    done = sh(without_comment(step["run"]), variables, clone.parent)
    assert (done.returncode, done.stderr) == (1, "")
    upload = steps[-1]
    report = clone.parent / upload["with"]["sarif_file"]
    assert json.loads(report.read_text())["version"] == "2.1.0"


def test_the_snippet_for_gitlab(environment: dict[str, str], clone: Path, shop: History) -> None:
    (job,) = [one["debt-gate"] for one in SNIPPETS if "artifacts" in one.get("debt-gate", {})]
    assert job["variables"]["GIT_DEPTH"] == "0"
    variables = {
        **environment,
        "CI_PROJECT_DIR": str(clone),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_COMMIT_SHA": shop.head,
    }
    for command in job["script"][2:]:
        done = sh(without_comment(command), variables, clone)
    assert (done.returncode, done.stderr) == (1, "")
    report = clone / job["artifacts"]["reports"]["codequality"]
    assert json.loads(report.read_text())[0]["check_name"] == "expired_debt"


def test_the_snippet_for_pre_commit(
    environment: dict[str, str], clone: Path, shop: History
) -> None:
    (config,) = [one for one in SNIPPETS if "repos" in one]
    hook = config["repos"][0]["hooks"][0]
    variables = {
        **environment,
        "PRE_COMMIT_FROM_REF": shop.sha("main"),
        "PRE_COMMIT_TO_REF": shop.head,
    }
    done = sh(hook["entry"], variables, clone)
    assert done.returncode == 1
    assert "expired_debt" in done.stdout


def test_the_snippet_without_a_database(tmp_path: Path) -> None:
    (job,) = [
        one["debt-gate"]
        for one in SNIPPETS
        if "curl" in str(one.get("debt-gate", {}).get("script"))
    ]
    call, *_ = [line for line in job["script"] if line.startswith("curl")]
    words = shlex.split(call.replace('\\"', "'"))
    assert "/api/v1/repositories/shop/gate" in call
    assert words[words.index("--request") + 1] == "POST"

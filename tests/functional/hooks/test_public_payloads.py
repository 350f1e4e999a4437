"""Every public example of a GitHub event, signed and posted: none breaks the receiver.

The examples are @octokit/webhooks-examples, installed by npm into a temporary folder while the
tests run; without npm or its registry the lane "payloads" is left out, and says so.
"""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hooks.domain.kinds import Kind
from hooks.models import Delivery, Watch
from tests import lanes
from tests.functional.hooks.conftest import Sender

PACKAGE = "@octokit/webhooks-examples@7.6.1"
PATIENCE = 120
Examples = list[tuple[str, Any]]

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    """(event, body) of each example of api.github.com."""
    folder = tmp_path_factory.mktemp("payloads")
    npm = shutil.which("npm")
    if npm is None:
        lanes.skip_or_fail("payloads", "npm is not installed")
    options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    try:
        subprocess.run(
            [str(npm), "install", *options, PACKAGE], check=True, capture_output=True,
            timeout=PATIENCE,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
        lanes.skip_or_fail("payloads", f"npm cannot install {PACKAGE}: {error}")
    return _read(folder / "node_modules/@octokit/webhooks-examples/api.github.com/index.json")


def _read(path: Path) -> Examples:
    events = json.loads(path.read_text(encoding="utf-8"))
    return [(event["name"], example) for event in events for example in event["examples"]]


def test_every_example_is_taken_in(sender: Callable[[Kind], Sender], examples: Examples) -> None:
    host = sender(Kind.GITHUB)
    answers = Counter(host.send(document, event).status_code for event, document in examples)
    assert answers == {202: len(examples)}
    assert len(examples) > 300
    states = Counter(Delivery.objects.values_list("event", "state"))
    assert {state for (event, state) in states if event == "ping"} == {"ping"}
    assert {state for (event, state) in states if event == "issues"} == {"ignored"}
    assert not Delivery.objects.filter(reason="").exists()
    # None of the examples is a merged pull request.
    assert {state for (event, state) in states if event == "pull_request"} == {"ignored"}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.GITHUB])
def test_examples_from_another_host_break_nothing(
    sender: Callable[[Kind], Sender], examples: Examples, kind: Kind
) -> None:
    host = sender(kind)
    answers = {host.send(document, event).status_code for event, document in examples}
    assert answers == {202}


def test_unsigned_examples_are_refused(
    sender: Callable[[Kind], Sender], examples: Examples
) -> None:
    host = sender(Kind.GITHUB)
    answers = {
        host.send(document, event, secret="not the secret of this endpoint").status_code
        for event, document in examples
    }
    assert answers == {401}
    assert not Delivery.objects.exists()


def test_pushes_and_a_merge_made_of_the_examples_ask_for_a_look(
    sender: Callable[[Kind], Sender], examples: Examples
) -> None:
    host = sender(Kind.GITHUB)
    pushes = [document for event, document in examples if event == "push"]
    closed = next(
        document
        for event, document in examples
        if event == "pull_request" and document["action"] == "closed"
    )
    target = closed["pull_request"]["base"]["ref"]
    merge = {**closed, "pull_request": {**closed["pull_request"], "merged": True}}
    assert target == merge["repository"]["default_branch"]
    for event, document in [("pull_request", merge), *(("push", one) for one in pushes)]:
        ref = document.get("ref", f"refs/heads/{target}")
        default = document["repository"]["default_branch"]
        Watch.objects.all().delete()
        assert host.send(document, event).status_code == 202
        asked = Watch.objects.filter(wanted_at__isnull=False).exists()
        assert asked == (ref == f"refs/heads/{default}")

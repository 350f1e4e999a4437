"""What each event means: a prompt to look, a greeting, or nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.domain.events import LARGEST_READ, Event, Reading, Verdict, read_event
from hooks.domain.kinds import Kind
from tests.builders.webhooks import ZEROS, data_center, encoded, merged, pushed, signed

KINDS = pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
HOSTS = pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind is not Kind.DISPLACE], ids=lambda kind: kind.value
)


def read(
    kind: Kind, document: Any, event: str = "", *, default: str = "main", **headers: str
) -> Reading:
    body = document if isinstance(document, bytes) else encoded(document)
    sent = signed(kind, "whsec_c2VjcmV0", body, event=event) | headers
    lowered = {name.lower(): text for name, text in sent.items()}
    return read_event(Event(kind, lowered, body), default_branch=default)


@KINDS
def test_a_push_to_the_default_branch_is_a_prompt(kind: Kind) -> None:
    reading = read(kind, pushed(kind, "refs/heads/main"))
    assert reading.verdict is Verdict.PROMPT
    assert "main" in reading.subject


@KINDS
def test_the_default_branch_deleted_is_a_prompt(kind: Kind) -> None:
    reading = read(kind, pushed(kind, "refs/heads/main", new=ZEROS))
    assert reading.verdict is Verdict.PROMPT


@KINDS
@pytest.mark.parametrize(
    ("ref", "new", "reason"),
    [
        ("refs/heads/topic", "2" * 40, "other than the default branch"),
        ("refs/heads/topic", ZEROS, "deleted that is not the default"),
        ("refs/tags/main", "2" * 40, "Only tags"),
        ("refs/tags/v1", ZEROS, "Only tags"),
        ("refs/heads/feature/main", "2" * 40, "other than the default branch"),
    ],
)
def test_what_does_not_move_the_default_branch_is_ignored(
    kind: Kind, ref: str, new: str, reason: str
) -> None:
    reading = read(kind, pushed(kind, ref, new=new))
    assert reading.verdict is Verdict.IGNORE
    assert reason in reading.reason


@pytest.mark.parametrize(
    ("ref", "new", "verdict"),
    [
        ("refs/heads/main", "2" * 40, Verdict.PROMPT),
        ("refs/heads/main", ZEROS, Verdict.PROMPT),
        ("refs/heads/topic", "2" * 40, Verdict.IGNORE),
        ("refs/tags/main", "2" * 40, Verdict.IGNORE),
    ],
)
def test_bitbucket_data_center_is_read_too(ref: str, new: str, verdict: Verdict) -> None:
    reading = read(Kind.BITBUCKET, data_center(ref, new=new), "repo:refs_changed")
    assert reading.verdict is verdict


@HOSTS
def test_a_merged_pull_request_is_a_prompt(kind: Kind) -> None:
    event, document = merged(kind, "main")
    assert read(kind, document, event).verdict is Verdict.PROMPT
    event, document = merged(kind, "release")
    assert read(kind, document, event).verdict is Verdict.IGNORE
    event, document = merged(kind, "main", is_merged=False)
    reading = read(kind, document, event)
    assert reading.verdict is Verdict.IGNORE
    assert "until it is merged" in reading.reason


def test_a_pull_request_merged_in_data_center_is_a_prompt() -> None:
    document = {"pullRequest": {"id": 1, "toRef": {"displayId": "main", "id": "refs/heads/main"}}}
    assert read(Kind.BITBUCKET, document, "pr:merged").verdict is Verdict.PROMPT


@pytest.mark.parametrize(
    ("kind", "document", "event"),
    [
        (Kind.GITHUB, {"zen": "Keep it logically awesome.", "hook_id": 1}, "ping"),
        (Kind.BITBUCKET, {"test": True}, "diagnostics:ping"),
        (Kind.DISPLACE, {"schema": 1, "repository": "x", "updates": []}, ""),
    ],
)
def test_a_greeting_is_answered(kind: Kind, document: Any, event: str) -> None:
    assert read(kind, document, event).verdict is Verdict.PING


def test_a_new_default_branch_is_worth_a_look() -> None:
    moved = {"changes": {"default_branch": {"from": "main"}}, "repository": {}}
    assert read(Kind.GITHUB, moved, "repository").verdict is Verdict.PROMPT
    said = pushed(Kind.GITHUB, "refs/heads/trunk", default="trunk")
    assert read(Kind.GITHUB, said).verdict is Verdict.PROMPT


@KINDS
def test_before_the_first_analysis_every_branch_is_a_prompt(kind: Kind) -> None:
    document = pushed(kind, "refs/heads/topic", default="")
    assert read(kind, document, default="").verdict is Verdict.PROMPT
    document = pushed(kind, "refs/tags/v1", default="")
    assert read(kind, document, default="").verdict is Verdict.IGNORE


@KINDS
@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b"null", b"[" * 200_000, b'"x"', b"9" * 5000, b" " * 2_000_000]
)
def test_a_body_that_says_nothing_is_still_a_prompt(kind: Kind, body: bytes) -> None:
    assert read(kind, body).verdict is Verdict.PROMPT


def test_a_large_body_is_not_read() -> None:
    document = pushed(Kind.GITHUB, "refs/heads/topic") | {"padding": "x" * LARGEST_READ}
    reading = read(Kind.GITHUB, document)
    assert reading.verdict is Verdict.PROMPT
    assert "1 MB" in reading.reason


def test_a_form_is_read_too() -> None:
    body = b"payload=%7B%22ref%22%3A%22refs%2Fheads%2Ftopic%22%7D"
    reading = read(Kind.GITHUB, body, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert reading.verdict is Verdict.IGNORE
    assert reading.subject == "refs/heads/topic"


def test_what_is_shown_is_one_line_that_any_database_takes() -> None:
    document = pushed(Kind.GITHUB, "refs/heads/\x00\ud800\u202e\n" + "x" * 999)
    reading = read(Kind.GITHUB, document, "push")
    assert reading.subject.isprintable()
    assert len(reading.subject) <= 200
    reading.subject.encode("utf-8")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            [
                "ref", "after", "ref_type", "repository", "default_branch", "pull_request", "base",
                "merged", "object_kind", "object_attributes", "project", "refs", "push", "changes",
                "new", "old", "name", "type", "updates", "iid", "action", "pullRequest", "toRef",
            ]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=30,
)  # fmt: skip
EVENTS = [
    "push", "ping", "create", "delete", "pull_request", "pull_request_sync", "repository",
    "Push Hook", "repo:push", "repo:refs_changed", "pullrequest:fulfilled", "pr:merged", "é\x00",
]  # fmt: skip


@given(kind=st.sampled_from(list(Kind)), document=JSON, event=st.sampled_from(EVENTS))
def test_no_document_raises(kind: Kind, document: Any, event: str) -> None:
    reading = read(kind, document, event)
    assert reading.reason
    assert (reading.event + reading.subject + reading.reason).isprintable()


@given(kind=st.sampled_from(list(Kind)), body=st.binary(max_size=300))
def test_no_bytes_raise(kind: Kind, body: bytes) -> None:
    assert read(kind, body).reason

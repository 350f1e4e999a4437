"""Who is believed: right, wrong, missing, stale and absurd signatures of every sender."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.domain.kinds import Kind
from hooks.domain.signatures import new_secret, refused_secret, verify
from tests.builders.webhooks import signed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = b'{"ref":"refs/heads/main"}'
SIGNATURE_HEADERS = (
    "X-Hub-Signature-256", "X-Hub-Signature", "X-Gitlab-Token", "webhook-signature",
    "X-Gitea-Signature", "X-Forgejo-Signature", "X-Displace-Signature",
)  # fmt: skip
WAYS = [*((kind, False) for kind in Kind), (Kind.GITLAB, True)]
ways = pytest.mark.parametrize(
    ("kind", "token"), WAYS, ids=lambda value: str(getattr(value, "value", value))
)


def headers_for(kind: Kind, token: bool, secret: str, body: bytes = BODY, **more: Any) -> Any:
    return signed(kind, secret, body, at=NOW.timestamp(), signing_token=token, **more)


@ways
def test_a_right_signature_counts(kind: Kind, token: bool) -> None:
    secret = new_secret(kind)
    headers = headers_for(kind, token, secret)
    assert verify(kind, headers=headers, body=BODY, keys=[secret], now=NOW).is_right
    lowered = {name.lower(): text for name, text in headers.items()}
    assert verify(kind, headers=lowered, body=BODY, keys=[secret], now=NOW).is_right


@ways
def test_the_secret_before_counts_too(kind: Kind, token: bool) -> None:
    present, before, other = (new_secret(kind) for _ in range(3))
    headers = headers_for(kind, token, before)
    assert verify(kind, headers=headers, body=BODY, keys=[present, before], now=NOW).is_right
    assert not verify(kind, headers=headers, body=BODY, keys=[present, other], now=NOW).is_right
    assert not verify(kind, headers=headers, body=BODY, keys=[], now=NOW).is_right


@ways
def test_a_changed_body_does_not_count(kind: Kind, token: bool) -> None:
    secret = new_secret(kind)
    headers = headers_for(kind, token, secret)
    verdict = verify(kind, headers=headers, body=BODY + b" ", keys=[secret], now=NOW)
    # A secret token in the clear says nothing of the body.
    assert verdict.is_right == (kind is Kind.GITLAB and not token)


@ways
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text + "0",
        lambda text: "sha256=",
        lambda text: "sha1=" + "0" * 40,
        lambda text: "sha256=" + "é" * 64,
        lambda text: "v1,é",
        lambda text: "t=1,v1=é",
        lambda text: "t=٣,v1=",
        lambda text: "\ud800\udcff\x00",
        lambda text: "," * 50_000,
        lambda text: "v1," * 50_000,
    ],
)
def test_a_spoilt_signature_is_refused_in_words(kind: Kind, token: bool, spoil: Any) -> None:
    secret = new_secret(kind)
    headers = {
        name: spoil(text) if name in SIGNATURE_HEADERS else text
        for name, text in headers_for(kind, token, secret).items()
    }
    verdict = verify(kind, headers=headers, body=BODY, keys=[secret], now=NOW)
    assert verdict.reason
    assert secret not in verdict.reason


@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6)])
@pytest.mark.parametrize(("kind", "token"), [(Kind.GITLAB, True), (Kind.DISPLACE, False)])
def test_a_stale_signature_is_refused(kind: Kind, token: bool, late: timedelta) -> None:
    secret = new_secret(kind)
    headers = headers_for(kind, token, secret)
    verdict = verify(kind, headers=headers, body=BODY, keys=[secret], now=NOW + late)
    assert "5 minutes" in verdict.reason
    near = NOW + late * 0.8
    assert verify(kind, headers=headers, body=BODY, keys=[secret], now=near).is_right


def test_a_time_that_was_not_signed_does_not_refresh_a_signature() -> None:
    secret = new_secret(Kind.DISPLACE)
    headers = headers_for(Kind.DISPLACE, False, secret)
    later = NOW + timedelta(hours=1)
    _, _, mac = headers["X-Displace-Signature"].partition(",")
    headers["X-Displace-Signature"] = f"t={int(later.timestamp())},{mac}"
    assert not verify(Kind.DISPLACE, headers=headers, body=BODY, keys=[secret], now=later).is_right


def test_a_right_token_does_not_save_a_wrong_signature() -> None:
    secret = new_secret(Kind.GITLAB)
    headers = headers_for(Kind.GITLAB, True, new_secret(Kind.GITLAB)) | {"X-Gitlab-Token": secret}
    assert not verify(Kind.GITLAB, headers=headers, body=BODY, keys=[secret], now=NOW).is_right


def test_one_of_several_signatures_is_enough() -> None:
    secret = new_secret(Kind.GITLAB)
    headers = headers_for(Kind.GITLAB, True, secret)
    headers["webhook-signature"] = f"v1a,zzz v1,zzz {headers['webhook-signature']}"
    assert verify(Kind.GITLAB, headers=headers, body=BODY, keys=[secret], now=NOW).is_right


def test_the_example_of_github_counts() -> None:
    # The test values that GitHub's documentation gives.
    secret, body = "It's a Secret to Everybody", b"Hello, World!"
    mac = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"X-Hub-Signature-256": f"sha256={mac}"}
    assert verify(Kind.GITHUB, headers=headers, body=body, keys=[secret], now=NOW).is_right


@given(
    kind=st.sampled_from(list(Kind)),
    names=st.lists(st.sampled_from([*SIGNATURE_HEADERS, "webhook-timestamp", "webhook-id"])),
    text=st.text(),
    body=st.binary(),
)
def test_nothing_that_is_sent_raises(kind: Kind, names: list[str], text: str, body: bytes) -> None:
    headers = dict.fromkeys(names, text)
    keys = ["whsec_bm90IGEgc2VjcmV0", "a secret é"]
    assert not verify(kind, headers=headers, body=body, keys=keys, now=NOW).is_right


@pytest.mark.parametrize("secret", ["short", "with space in the middle", "é" * 20, "x" * 201, ""])
def test_weak_secrets_are_refused(secret: str) -> None:
    assert "16 to 200" in refused_secret(secret)


@pytest.mark.parametrize("kind", list(Kind))
def test_made_secrets_are_strong_enough(kind: Kind) -> None:
    assert refused_secret(new_secret(kind)) == ""
    assert new_secret(kind) != new_secret(kind)

"""Slack's signature: the documented example, Slack's own library, and texts of any kind."""

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import Clock, SignatureVerifier

from alerts.domain.slack_signature import refusal, signature

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
AT = "1531420618"
# docs.slack.dev, "Verifying requests from Slack".
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
EXAMPLE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


class _Then(Clock):
    def now(self) -> float:
        return float(AT)


def test_the_documented_example() -> None:
    assert signature(SECRET, AT, BODY) == EXAMPLE


# Slack's secrets are hexadecimal; its library refuses blank ones.
@given(st.binary(max_size=500), st.text("0123456789abcdef", min_size=1, max_size=64))
def test_slacks_own_library_takes_it(body: bytes, secret: str) -> None:
    try:
        body.decode()
    except ValueError:
        return
    verifier = SignatureVerifier(secret, clock=_Then())
    assert verifier.is_valid(body, AT, signature(secret, AT, body))


def asked(given_: str, timestamp: str = AT, body: bytes = BODY) -> str:
    return refusal(SECRET, timestamp=timestamp, given=given_, body=body, now=float(AT))


def test_a_right_one_and_the_edges_of_time() -> None:
    right = signature(SECRET, AT, BODY)
    assert asked(right) == ""
    for seconds, is_right in ((300, True), (-300, True), (301, False), (-301, False)):
        moment = str(int(AT) + seconds)
        assert (asked(signature(SECRET, moment, BODY), moment) == "") is is_right
    assert "wrong" in asked(right.upper())
    assert "wrong" in asked(right + " ")
    assert "no signing secret" in refusal("", timestamp=AT, given=right, body=BODY, now=float(AT))


@given(st.text(), st.text(), st.binary())
def test_any_text_is_refused_and_raises_nothing(given_: str, timestamp: str, body: bytes) -> None:
    assert asked(given_, timestamp, body)
    assert asked(given_, AT, body)

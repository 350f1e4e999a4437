"""The gate's comment on a pull request: one, changed in place, and none without a reason."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from common.errors import Refused
from common.http import Answer, HttpError, request_json
from hooks.domain.forges import PullRequest, pull_request
from hooks.domain.gate import GateResult, Level
from hooks.domain.gate_reports import markdown

MOST_PAGES = 20
# GitHub's page is 30 unless asked, all others give at most 50 of what we ask for.
PAGE = 50


def comment_put(*, result: GateResult, url: str, forge: str = "") -> str:
    """Write the result on a pull request; returns what was done, as a sentence.

    An earlier comment is replaced. Without one, a result that holds nothing worth a comment
    leaves the pull request alone. Raises Refused.
    """
    token = settings.FORGE_TOKEN
    if not token:
        raise Refused("Set DISPLACE_FORGE_TOKEN to a token that may comment on the pull request.")
    target = pull_request(url, forge)
    text = markdown(result, target.marker)
    try:
        earlier = _earlier(target, token)
        if earlier is not None:
            place = target.edit.format(id=earlier)
            answer = _call(target, target.edit_method, place, token, target.body(text))
            if answer.is_success:
                return "The comment on the pull request was brought up to date."
            if answer.status not in (403, 404):  # somebody else's, or just gone
                raise _refusal(answer)
        elif not _is_worth_it(result):
            return "There is nothing to comment on."
        answer = _call(target, "POST", target.comments, token, target.body(text))
    except HttpError as error:
        raise Refused(f"The pull request could not be commented on. {error}") from error
    if not answer.is_success:
        raise _refusal(answer)
    return "The result was written on the pull request."


def _is_worth_it(result: GateResult) -> bool:
    return any(finding.level.rank >= Level.COMMENT.rank for finding in result.findings)


def _earlier(target: PullRequest, token: str) -> int | None:
    """The id of our own comment, if there is one."""
    for number in range(1, MOST_PAGES + 1):
        answer = _call(target, "GET", target.page(number), token)
        if not answer.is_success:
            raise _refusal(answer)
        comments = list(_comments(answer.json()))
        for identity, text in comments:
            if text.startswith(target.marker):
                return identity
        if len(comments) < PAGE:
            return None
    return None


def _comments(answer: Any) -> Iterator[tuple[int, str]]:
    """The id and text of each comment; what has another form is passed over."""
    rows = answer.get("values", []) if isinstance(answer, dict) else answer
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or not isinstance(row.get("id"), int):
            continue
        content = row.get("content")
        raw = content.get("raw") if isinstance(content, dict) else row.get("body")
        yield row["id"], raw if isinstance(raw, str) else ""


def _call(target: PullRequest, method: str, url: str, token: str, value: object = None) -> Answer:
    return request_json(method, url, headers=target.headers(token), value=value)


def _refusal(answer: Answer) -> Refused:
    if answer.status in (401, 403):
        return Refused("The host refuses the token; it must be allowed to comment.")
    if answer.status == 404:
        return Refused("The host knows no such pull request, or the token may not see it.")
    return Refused(f"The host answered with status {answer.status}; try again later.")

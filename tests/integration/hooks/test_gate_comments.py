"""Comments on pull requests, against real servers that speak each host's endpoints."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from common.errors import Refused
from hooks.domain.forges import FORGES, pull_request
from hooks.domain.gate import GateResult, judged
from hooks.domain.gate_debts import suspicions_of
from hooks.services.gate_comments import comment_put
from ledger.domain.policy import Policy
from tests.unit.hooks.test_gate import TODAY, change, known, result

TOKEN = "the-token-of-the-pipeline"
# How a browser shows a pull request, where its comments are, and how they are changed.
PAGES = {
    "github": "/org/shop/pull/7",
    "gitlab": "/group/sub/shop/-/merge_requests/7",
    "gitea": "/org/shop/pulls/7",
    "forgejo": "/org/shop/pulls/7",
    "bitbucket": "/org/shop/pull-requests/7",
}
LISTS = {
    "github": "/api/v3/repos/org/shop/issues/7/comments",
    "gitlab": "/api/v4/projects/group%2Fsub%2Fshop/merge_requests/7/notes",
    "gitea": "/api/v1/repos/org/shop/issues/7/comments",
    "forgejo": "/api/v1/repos/org/shop/issues/7/comments",
    "bitbucket": "/2.0/repositories/org/shop/pullrequests/7/comments",
}
EDITS = {
    "github": ("PATCH", "/api/v3/repos/org/shop/issues/comments/"),
    "gitlab": ("PUT", LISTS["gitlab"] + "/"),
    "gitea": ("PATCH", "/api/v1/repos/org/shop/issues/comments/"),
    "forgejo": ("PATCH", "/api/v1/repos/org/shop/issues/comments/"),
    "bitbucket": ("PUT", LISTS["bitbucket"] + "/"),
}
SIZES = {"gitea": "limit", "forgejo": "limit", "bitbucket": "pagelen"}


@dataclass
class Forge:
    """A code host with one pull request, as its interface is documented."""

    kind: str
    comments: dict[int, str] = field(default_factory=dict)
    may_edit: bool = True
    status: int = 0
    calls: list[str] = field(default_factory=list)

    def start(self) -> None:
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def answer_call(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"null")
                status, value = forge.answer(self.command, self.path, body, dict(self.headers))
                raw = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PATCH = do_PUT = answer_call  # noqa: N815 - the base class's names

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{PAGES[self.kind]}"

    def answer(self, method: str, target: str, body: Any, headers: dict[str, str]) -> Any:
        parts = urlsplit(target)
        self.calls.append(f"{method} {parts.path}")
        if self.status:
            return self.status, {}
        if not self._knows(headers):
            return 401, {"message": "Bad credentials"}
        if parts.path == LISTS[self.kind]:
            if method == "GET":
                return 200, self._page(parse_qs(parts.query))
            assert method == "POST"
            number = max(self.comments, default=100) + 1
            self.comments[number] = self._text(body)
            return 201, {"id": number}
        edit_method, prefix = EDITS[self.kind]
        number = int(parts.path.removeprefix(prefix))
        assert method == edit_method
        if not self.may_edit:
            return 403, {}
        self.comments[number] = self._text(body)
        return 200, {"id": number}

    def _knows(self, headers: dict[str, str]) -> bool:
        if self.kind == "gitlab":
            return headers.get("PRIVATE-TOKEN", headers.get("Private-Token")) == TOKEN
        scheme = "token" if self.kind in ("gitea", "forgejo") else "Bearer"
        return headers.get("Authorization") == f"{scheme} {TOKEN}"

    def _text(self, body: Any) -> str:
        text: str = body["content"]["raw"] if self.kind == "bitbucket" else body["body"]
        return text

    def _page(self, query: dict[str, list[str]]) -> Any:
        size = int(query[SIZES.get(self.kind, "per_page")][0])
        start = (int(query["page"][0]) - 1) * size
        chosen = sorted(self.comments.items())[start : start + size]
        if self.kind == "bitbucket":
            return {"values": [{"id": n, "content": {"raw": text}} for n, text in chosen]}
        return [{"id": n, "body": text} for n, text in chosen]


@pytest.fixture(params=FORGES)
def forge(request: pytest.FixtureRequest, settings: Any) -> Iterator[Forge]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    settings.FORGE_TOKEN = TOKEN
    forge = Forge(request.param)
    forge.start()
    yield forge
    forge.stop()


def answer(days: int = -20) -> GateResult:
    evil = "@everyone <script> [x](http://evil.example) /close"
    found = change(known=[known(days=days, title=evil)])
    return result(judged(suspicions_of(found), Policy(), TODAY))


def put(forge: Forge, what: GateResult) -> str:
    return comment_put(result=what, url=forge.url, forge=forge.kind)


def test_one_comment_changed_in_place(forge: Forge) -> None:
    forge.comments = dict.fromkeys(range(1, 61), "somebody's words")
    assert "written" in put(forge, answer())
    assert "up to date" in put(forge, answer(-40))
    assert "up to date" in put(forge, result(()))
    assert len(forge.comments) == 61
    assert forge.comments[61].startswith(pull_request(forge.url, forge.kind).marker)
    assert "Nothing to say" in forge.comments[61]


def test_nothing_to_say_says_nothing(forge: Forge) -> None:
    assert "nothing to comment on" in put(forge, result(()))
    assert "nothing to comment on" in put(forge, answer(-3))
    assert forge.comments == {}


def test_a_comment_that_is_not_ours_to_change_is_followed_by_another(forge: Forge) -> None:
    forge.comments = {4: f"{pull_request(forge.url, forge.kind).marker} a joke"}
    forge.may_edit = False
    put(forge, answer())
    assert len(forge.comments) == 2


def test_hostile_texts_do_nothing(forge: Forge) -> None:
    put(forge, answer())
    (text,) = forge.comments.values()
    assert not re.search(r"(?<!\\)@", text)
    assert not re.search(r"(?<!\\)<(?!!-- |/?sub>|\) )", text.replace("<> (displace", ""))
    assert "http://" not in text


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "refuses the token"), (404, "no such pull request"), (500, "status 500"),
     (302, "redirects")],
)  # fmt: skip
def test_what_the_host_refuses_is_told(forge: Forge, status: int, words: str) -> None:
    forge.status = status
    with pytest.raises(Refused, match=words) as error:
        put(forge, answer())
    assert TOKEN not in str(error.value)


def test_an_internal_host_must_be_allowed(forge: Forge, settings: Any) -> None:
    settings.INTERNAL_HOSTS = ()
    with pytest.raises(Refused, match="DISPLACE_INTERNAL_HOSTS"):
        put(forge, answer())
    assert forge.calls == []


def test_no_token_no_call(forge: Forge, settings: Any) -> None:
    settings.FORGE_TOKEN = ""
    with pytest.raises(Refused, match="DISPLACE_FORGE_TOKEN"):
        put(forge, answer())
    assert forge.calls == []


@pytest.mark.parametrize(
    ("url", "comments"),
    [
        ("https://github.com/a/b/pull/3/files", "https://api.github.com/repos/a/b/issues/3/comments"),
        ("https://gitlab.com/a/b/c/-/merge_requests/3",
         "https://gitlab.com/api/v4/projects/a%2Fb%2Fc/merge_requests/3/notes"),
        ("https://codeberg.org/a/b/pulls/3", "https://codeberg.org/api/v1/repos/a/b/issues/3/comments"),
        ("https://bitbucket.org/a/b/pull-requests/3",
         "https://api.bitbucket.org/2.0/repositories/a/b/pullrequests/3/comments"),
        ("https://git.example.org/a/b/-/merge_requests/3",
         "https://git.example.org/api/v4/projects/a%2Fb/merge_requests/3/notes"),
    ],
)  # fmt: skip
def test_the_address_that_a_browser_shows(url: str, comments: str) -> None:
    assert pull_request(url).comments == comments


@pytest.mark.parametrize(
    "url",
    ["https://git.example.org/a/b/pulls/3", "https://github.com/a/b", "https://github.com/a/b/pull/x",
     "ftp://github.com/a/b/pull/1", "https://[x/a/b/pull/1", ""],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        pull_request(url)

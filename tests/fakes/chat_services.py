"""Chat services on the loopback address that answer, and refuse, as the real ones document it.

They look at a request the way the service does: credentials, limits, the form of the payload. What
a test wants to go wrong, it says in `trouble`: the next answers in its place.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block


@dataclass(frozen=True)
class Reply:
    """What a service answers; a `value` that is no text is sent as JSON."""

    status: int = 200
    value: Any = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    size: int


Service = Callable[[Request], Reply]


@dataclass
class Chat:
    """A service that listens: what it was asked, what it holds, and what goes wrong next."""

    service: Service
    port: int = 0
    seen: list[Request] = field(default_factory=list)
    trouble: list[Reply] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> Reply:
        self.seen.append(request)
        return self.trouble.pop(0) if self.trouble else self.service(request)


@contextmanager
def chat(service: Service) -> Iterator[Chat]:
    """The service, until the block ends."""
    state = Chat(service)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(raw) if raw else None
            reply = state.answer(Request(self.command, self.path, headers, body, len(raw)))
            text = reply.value if isinstance(reply.value, str) else json.dumps(reply.value)
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(text.encode())))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_PUT = do_PATCH = handle_any  # noqa: N815 - the base class's names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class SlackService:
    """chat.postMessage, chat.update and incoming webhooks; HTTP 200 also where it refuses."""

    token = "xoxb-1234567890-abcdefghij"
    channel = "C0123456789"
    hook = "/services/T000000/B000000/XXXXXXXXXXXX"

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}

    def __call__(self, request: Request) -> Reply:
        if request.path.startswith("/services/"):
            return self._hook(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(200, {"ok": False, "error": "invalid_auth"})
        if request.body["channel"] != self.channel:
            return Reply(200, {"ok": False, "error": "channel_not_found"})
        if error := self._refused(request.body):
            return Reply(200, {"ok": False, "error": error})
        if request.path == "/api/chat.update":
            ts = request.body["ts"]
            if ts not in self.messages:
                return Reply(200, {"ok": False, "error": "message_not_found"})
        elif request.path == "/api/chat.postMessage":
            ts = f"1767000000.{len(self.messages):06}"
        else:
            return Reply(200, {"ok": False, "error": "unknown_method"})
        self.messages[ts] = request.body
        return Reply(200, {"ok": True, "channel": self.channel, "ts": ts})

    def _hook(self, request: Request) -> Reply:
        if request.path != self.hook:
            return Reply(404, "no_service")
        if error := self._refused(request.body):
            return Reply(400, error)
        self.messages[str(len(self.messages))] = request.body
        return Reply(200, "ok")

    def _refused(self, body: dict[str, Any]) -> str:
        if not body.get("text") and not body.get("blocks"):
            return "no_text"
        if len(body["blocks"]) > 50:
            return "invalid_blocks"
        try:
            for block in body["blocks"]:
                Block.parse(block).validate_json()
        except (SlackObjectFormationError, TypeError, KeyError, AttributeError):
            return "invalid_blocks"
        return "msg_blocks_too_long" if len(json.dumps(body["blocks"])) > 40_000 else ""


class TeamsService:
    """A workflow's trigger: 202 for a message with a card, whatever becomes of it."""

    path = (
        "/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke"
        "?sig=kq3VxZ0b7mXw9dPcT1sYhUe5nRa2LgJf"
    )

    def __init__(self) -> None:
        self.cards: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Reply:
        if request.path != self.path:
            return Reply(404, {"error": {"code": "WorkflowNotFound", "message": "No such flow."}})
        if request.size > 28 * 1024:
            return Reply(413, {"error": {"code": "RequestEntityTooLarge"}})
        attachments = request.body.get("attachments", ())
        if request.body.get("type") != "message" or len(attachments) != 1:
            return Reply(400, {"error": {"code": "TriggerInputSchemaMismatch"}})
        self.cards.append(attachments[0]["content"])
        return Reply(202, "", {"x-ms-workflow-run-id": "08584701234567890123456789"})


class MattermostService:
    """Posts by a bot, their patches, and incoming webhooks; one post for a pending id."""

    token = "t0" * 13
    channel = "c0" * 13
    hook = "/hooks/h0h0h0h0h0h0h0h0h0h0h0h0h0"

    def __init__(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.pending: dict[str, str] = {}

    def __call__(self, request: Request) -> Reply:
        if request.path.startswith("/hooks/"):
            if request.path != self.hook:
                return self._error(404, "web.incoming_webhook.invalid.app_error")
            self.posts[str(len(self.posts))] = request.body
            return Reply(200, "ok")
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return self._error(401, "api.context.session_expired.app_error")
        if len(request.body["message"]) > 16_383:
            return self._error(400, "model.post.is_valid.message_length.app_error")
        if request.method == "PUT":
            return self._patch(request)
        return self._create(request.body)

    def _create(self, body: dict[str, Any]) -> Reply:
        if body["channel_id"] != self.channel:
            return self._error(403, "api.context.permissions.app_error")
        root = body.get("root_id", "")
        if root and (root not in self.posts or self.posts[root].get("root_id")):
            return self._error(400, "api.post.create_post.root_id.app_error")
        known = self.pending.setdefault(body["pending_post_id"], f"p{len(self.posts):025}")
        self.posts.setdefault(known, body)
        return Reply(201, {"id": known, "root_id": root, "message": body["message"]})

    def _patch(self, request: Request) -> Reply:
        found = re.fullmatch(r"/api/v4/posts/([a-z0-9]{26})/patch", request.path)
        if found is None or found[1] not in self.posts:
            return self._error(404, "app.post.get.app_error")
        self.posts[found[1]].update(request.body)
        return Reply(200, {"id": found[1], "root_id": self.posts[found[1]].get("root_id", "")})

    def _error(self, status: int, name: str) -> Reply:
        return Reply(status, {"id": name, "message": f"Refused: {name}", "status_code": status})


class DiscordService:
    """A webhook that waits: messages with ids, edits, and exact waits."""

    path = "/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz"

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}

    def __call__(self, request: Request) -> Reply:
        path, _, query = request.path.partition("?")
        if not path.startswith(self.path):
            return Reply(404, {"message": "Unknown Webhook", "code": 10015})
        if error := self._refused(request.body):
            return Reply(400, {"message": "Invalid Form Body", "code": 50035, "errors": error})
        if request.method == "PATCH":
            message = path.rpartition("/")[2]
            if message not in self.messages:
                return Reply(404, {"message": "Unknown Message", "code": 10008})
        else:
            message = str(10**17 + len(self.messages))
        self.messages[message] = request.body
        if request.method == "POST" and query != "wait=true":
            return Reply(204)
        return Reply(200, {"id": message, "channel_id": "1", **request.body})

    def _refused(self, body: dict[str, Any]) -> dict[str, Any]:
        (embed,) = body["embeds"]
        sizes = [len(embed["title"]), len(embed["description"]), len(embed["footer"]["text"])]
        fields = [(len(one["name"]), len(one["value"])) for one in embed["fields"]]
        is_fine = (
            len(body["content"]) <= 2000
            and sizes[0] <= 256
            and sizes[1] <= 4096
            and sizes[2] <= 2048
            and len(fields) <= 25
            and all(1 <= name <= 256 and 1 <= value <= 1024 for name, value in fields)
            and sum(sizes) + sum(map(sum, fields)) <= 6000
        )
        return {} if is_fine else {"embeds": "too large"}

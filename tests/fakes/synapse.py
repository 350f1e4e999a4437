"""A real Matrix homeserver for tests: matrix-synapse on loopback, in a folder of its own."""

import base64
import hashlib
import hmac
import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import yaml

NAME = "synapse.test"
START_SECONDS = 60
_FAST = {"per_second": 10_000, "burst_count": 10_000}


def missing_synapse() -> str:
    """Why the homeserver cannot be used here, or an empty text."""
    if importlib.util.find_spec("synapse"):
        return ""
    return "matrix-synapse is not installed (it is among the development dependencies)"


@dataclass(frozen=True)
class Person:
    """An account on the homeserver, and what its client does."""

    server: "Synapse"
    name: str
    password: str
    user_id: str
    token: str

    def ask(self, method: str, path: str, value: object = None) -> dict[str, Any]:
        return self.server.ask(method, path, value, token=self.token)

    def room(self, *invited: str, **more: object) -> str:
        """Make a private room and return its id."""
        value = {"preset": "private_chat", "invite": list(invited), **more}
        found: str = self.ask("POST", "/_matrix/client/v3/createRoom", value)["room_id"]
        return found

    def say(self, room: str, text: str, **more: object) -> str:
        """Write into a room and return the event's id."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/m.room.message/{secrets.token_hex(8)}"
        found: str = self.ask("PUT", path, {"msgtype": "m.text", "body": text, **more})["event_id"]
        return found

    def events(self, room: str) -> list[dict[str, Any]]:
        """Every message of the room, the oldest first, each as the server shows it now."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/messages?dir=f&limit=1000"
        chunk = self.ask("GET", path)["chunk"]
        return [one for one in chunk if one["type"] == "m.room.message"]

    def texts(self, room: str) -> list[str]:
        return [one["content"].get("body", "") for one in self.events(room)]


@dataclass
class Synapse:
    """A homeserver: its address, its folder, and its process while it runs.

    `limits` are its rate limits (`rc_message` and the like), by default none that a test meets.
    `registrations` are files of application services.
    """

    home: Path
    limits: Mapping[str, Any] = field(default_factory=dict)
    registrations: list[Path] = field(default_factory=list)
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    secret: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it serves; a second start keeps its port and its data."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        config = self.home / "homeserver.yaml"
        config.write_text(json.dumps(self._config()), encoding="utf-8")
        with (self.home / "output.txt").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "synapse.app.homeserver", "-c", str(config)],
                cwd=self.home,
                # Our own settings are none of its business.
                env={"PATH": os.environ["PATH"], "HOME": str(self.home)},
                stdout=output,
                stderr=output,
            )
        try:
            self._wait()
        except BaseException:  # whatever ends the start, no server is left behind
            self.kill()
            raise

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(START_SECONDS)
            self.process = None

    def kill(self) -> None:
        """As a crash would end it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def person(self, name: str) -> Person:
        """A new account."""
        path, password = "/_synapse/admin/v1/register", f"password of {name}"
        nonce = self.ask("GET", path)["nonce"]
        signed = f"{nonce}\0{name}\0{password}\0notadmin"
        mac = hmac.new(self.secret.encode(), signed.encode(), hashlib.sha1).hexdigest()
        value = {
            "nonce": nonce, "username": name, "password": password, "admin": False, "mac": mac,
        }  # fmt: skip
        found = self.ask("POST", path, value)
        return Person(self, name, password, found["user_id"], found["access_token"])

    def ask(
        self, method: str, path: str, value: object = None, *, token: str = ""
    ) -> dict[str, Any]:
        """What the server answers; AssertionError with its words where it refuses."""
        body = None if value is None else json.dumps(value).encode()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = Request(self.url + path, data=body, method=method, headers=headers)  # noqa: S310 - on loopback
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - on loopback
                found: dict[str, Any] = json.loads(answer.read())
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()!r}") from error
        return found

    def _wait(self) -> None:
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            if self.process is not None and self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    self.ask("GET", "/_matrix/client/versions")
                    return
            except OSError:
                time.sleep(0.05)
        output = (self.home / "output.txt").read_text(encoding="utf-8", errors="replace")
        self.kill()
        raise AssertionError(f"synapse did not start: {output[-3000:]}")

    def _config(self) -> dict[str, Any]:
        key, log = self.home / "signing.key", self.home / "log.yaml"
        if not key.exists():
            seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
            key.write_text(f"ed25519 a_test {seed}\n", encoding="ascii")
        log.write_text(yaml.safe_dump(_LOG), encoding="ascii")
        limited = (
            "rc_message", "rc_registration", "rc_joins_per_room", "rc_admin_redaction",
        )  # fmt: skip
        nested = {
            "rc_login": {"address": _FAST, "account": _FAST, "failed_attempts": _FAST},
            "rc_joins": {"local": _FAST, "remote": _FAST},
            "rc_invites": {"per_room": _FAST, "per_user": _FAST, "per_issuer": _FAST},
        }
        return {
            "server_name": NAME,
            "pid_file": str(self.home / "pid"),
            "listeners": [
                {
                    "port": self.port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "resources": [{"names": ["client"]}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self.home / "data.db")}},
            "log_config": str(log),
            "media_store_path": str(self.home / "media"),
            "signing_key_path": str(key),
            "macaroon_secret_key": self.secret,
            "form_secret": self.secret,
            "registration_shared_secret": self.secret,
            "report_stats": False,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "bcrypt_rounds": 4,
            # Who asks twice wants to know what is new.
            "caches": {"sync_response_cache_duration": "0s"},
            "app_service_config_files": [str(path) for path in self.registrations],
            **dict.fromkeys(limited, _FAST),
            **nested,
            **self.limits,
        }


_LOG = {
    "version": 1,
    "formatters": {"short": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "short"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
}


@contextmanager
def synapse(home: Path, **settings: Any) -> Iterator[Synapse]:
    """A homeserver that runs until the block ends."""
    server = Synapse(home, **settings)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port

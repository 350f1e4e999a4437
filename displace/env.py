"""Typed readers of environment variables.

Every reader either returns a checked value or raises `BadSetting`, whose message is the one
line a person sees: the variable, the value and what is accepted. Each reader notes the name
it read, so that a misspelt `DISPLACE_*` variable is refused and the documentation is tested.
"""

import base64
import binascii
import difflib
import os
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent

# Files of the data directory in which `make run` keeps generated secrets.
SECRET_KEY_NAME = "secret-key"  # noqa: S105 - the name of a file
ENCRYPTION_KEYS_NAME = "encryption-keys"

PREFIX = "DISPLACE_"
# Read by the test suite and by nothing else.
TEST_PREFIX = "DISPLACE_TEST_"

MINIMUM_SECRET_LENGTH = 32
SHOWN_VALUE_LENGTH = 80

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
# The port that each scheme means without one.
MAIL_PORTS = {"smtp": 587, "smtps": 465}
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgres")
BROKER_SCHEMES = ("filesystem", "amqp", "amqps", "redis", "rediss")
POSTGRESQL_OPTIONS = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name"}
)


class BadSetting(Exception):
    """A variable cannot be used; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A database address, taken apart. `name` is a path when `engine` is "sqlite"."""

    engine: str
    name: str
    user: str = ""
    password: str = ""
    host: str = ""
    port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrokerUrl:
    """A Celery broker address. `folder` counts only when `scheme` is "filesystem"."""

    scheme: str
    url: str
    folder: Path = Path()


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes e-mail. `is_tls`: from the start; `is_starttls`: by a command."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    is_starttls: bool = False


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """The address under which people reach the installation, without a trailing slash."""

    url: str
    scheme: str
    host: str

    @property
    def is_https(self) -> bool:
        return self.scheme == "https"


class Environment:
    """The readers over one mapping of variables."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._read: set[str] = set()

    @property
    def names_read(self) -> frozenset[str]:
        """Every variable asked for so far, whether it was set or not."""
        return frozenset(self._read)

    def refuse_unknown(self) -> None:
        """Refuse a `DISPLACE_*` variable that no reader asked for."""
        for name in sorted(self._variables):
            if not name.startswith(PREFIX) or name.startswith(TEST_PREFIX) or name in self._read:
                continue
            near = difflib.get_close_matches(name, sorted(self._read), n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(self._read))}"
            raise BadSetting(f"{name} is not a variable of this program; {hint}")

    def optional(self, name: str) -> str | None:
        """The text, or None when the variable is unset or blank."""
        self._read.add(name)
        return self._variables.get(name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def boolean(self, name: str, default: bool) -> bool:
        value = self.optional(name)
        if value is None:
            return default
        if value.lower() in TRUE_WORDS:
            return True
        if value.lower() in FALSE_WORDS:
            return False
        raise _bad(name, value, "true or false")

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        value = self.optional(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,18}", value) or not minimum <= int(value) <= maximum:
            raise _bad(name, value, f"a whole number from {minimum} to {maximum}")
        return int(value)

    def rising(self, name: str, default: Sequence[int], *, most: int) -> tuple[Decimal, ...]:
        """As many positive numbers as the default has, in rising order, separated by commas."""
        value = self.optional(name)
        if value is None:
            return tuple(map(Decimal, default))
        texts = [text.strip() for text in value.split(",")]
        numbers = [Decimal(text) for text in texts if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text)]
        fits = len(numbers) == len(texts) == len(default) and 0 < min(numbers) <= max(numbers)
        if not fits or max(numbers) > most or numbers != sorted(numbers):
            count = {1: "one number", 3: "three numbers in rising order"}[len(default)]
            example = ",".join(map(str, default))
            raise _bad(name, value, f"{count} above 0 and up to {most}, such as {example}")
        return tuple(numbers)

    def currency(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not re.fullmatch(r"[A-Z]{3}", value):
            raise _bad(name, value, "the three capital letters of a currency, such as EUR or USD")
        return value

    def choice(self, name: str, default: str, accepted: Sequence[str]) -> str:
        value = self.text(name, default)
        if value not in accepted:
            raise _bad(name, value, " or ".join(accepted))
        return value

    def words(self, name: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """A list separated by commas."""
        value = self.optional(name)
        if value is None:
            return tuple(default)
        return tuple(word.strip() for word in value.split(",") if word.strip())

    def folder(self, name: str, default: Path) -> Path:
        """An absolute path of a folder; it need not exist yet."""
        value = self.optional(name)
        if value is None:
            return default.resolve()
        path = Path(value).expanduser().resolve()
        if path.exists() and not path.is_dir():
            raise _bad(name, value, "the path of a folder (this is a file)")
        return path

    def time_zone(self, name: str, default: str) -> str:
        value = self.text(name, default)
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            accepted = "an IANA time zone such as Europe/Berlin or UTC"
            raise _bad(name, value, accepted) from None
        return value

    def base_url(self, name: str, default: str) -> BaseUrl:
        value = self.text(name, default)
        accepted = "an address such as https://debt.example.org, with no path, query or user"
        parts = _split(name, value, accepted)
        extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if parts.scheme not in ("http", "https") or not parts.hostname or extra:
            raise _bad(name, value, accepted)
        return BaseUrl(value.rstrip("/"), parts.scheme, parts.hostname)

    def database(self, name: str, default: Path) -> DatabaseUrl:
        """SQLite (`sqlite:///path`) or PostgreSQL (`postgresql://user:password@host/name`)."""
        value = self.optional(name)
        if value is None:
            return DatabaseUrl("sqlite", str(default))
        accepted = "sqlite:///path/to/file or postgresql://user:password@host:5432/name"
        parts = _split(name, value, accepted)
        path = unquote(parts.path.removeprefix("/"))
        if parts.scheme not in DATABASE_SCHEMES or not path:
            raise _bad(name, value, accepted)
        if parts.scheme == "sqlite":
            if parts.netloc:
                raise _bad(name, value, accepted)
            return DatabaseUrl("sqlite", str(Path(path).expanduser().resolve()))
        options = dict(parse_qsl(parts.query))
        unknown = sorted(set(options) - POSTGRESQL_OPTIONS)
        if unknown:
            known = ", ".join(sorted(POSTGRESQL_OPTIONS))
            raise _bad(name, value, f"only these options after '?': {known}")
        return DatabaseUrl(
            engine="postgresql",
            name=path,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=unquote(parts.hostname or ""),
            port=parts.port,
            options=options,
        )

    def broker(self, name: str, default: Path) -> BrokerUrl:
        """A folder (`filesystem:///path`), RabbitMQ (`amqp://`) or Redis (`redis://`)."""
        value = self.optional(name)
        if value is None:
            return BrokerUrl("filesystem", "filesystem://localhost", default)
        accepted = "amqp://user:password@host//, redis://host:6379/0 or filesystem:///path"
        parts = _split(name, value, accepted)
        if parts.scheme not in BROKER_SCHEMES:
            raise _bad(name, value, accepted)
        if parts.scheme != "filesystem":
            if not parts.hostname:
                raise _bad(name, value, accepted)
            return BrokerUrl(parts.scheme, value)
        if parts.netloc:
            raise _bad(name, value, accepted)
        folder = Path(unquote(parts.path)).resolve() if parts.path.strip("/") else default
        return BrokerUrl("filesystem", "filesystem://localhost", folder)

    def mail_server(self, name: str) -> MailServer | None:
        """`smtps://user:password@host:465`, or `smtp://…:587` with STARTTLS unless `?tls=none`."""
        value = self.optional(name)
        if value is None:
            return None
        accepted = "smtps://user:password@host:465 or smtp://host:587 (STARTTLS; ?tls=none without)"
        parts = _split(name, value, accepted)
        is_plain = parts.scheme == "smtp" and parts.query == "tls=none"
        extra = parts.path.strip("/") or parts.fragment or (parts.query and not is_plain)
        is_half_known = bool(parts.username) != bool(parts.password)
        if parts.scheme not in MAIL_PORTS or not parts.hostname or extra or is_half_known:
            raise _bad(name, value, accepted)
        return MailServer(
            host=parts.hostname,
            port=parts.port or MAIL_PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            is_tls=parts.scheme == "smtps",
            is_starttls=parts.scheme == "smtp" and not is_plain,
        )

    def mailbox(self, name: str) -> str | None:
        """A sender: `debt@example.org` or `Technical debt <debt@example.org>`."""
        value = self.optional(name)
        if value is None:
            return None
        found = [address for _, address in getaddresses([value])]
        is_one = len(found) == 1 and re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", found[0])
        if not is_one or not value.isprintable():
            raise _bad(name, value, "debt@example.org or Technical debt <debt@example.org>")
        return value

    def secret(self, name: str, generated: Path) -> str | None:
        """A secret from NAME, the file named by NAME_FILE, or the generated file; else None.

        The value itself never appears in a message.
        """
        value = self.optional(name)
        file_name = self.optional(f"{name}_FILE")
        if value is not None and file_name is not None:
            raise BadSetting(f"{name} and {name}_FILE are both set; set only one of them")
        if value is not None:
            return value
        if file_name is None and not generated.is_file():
            return None
        return _read_secret(f"{name}_FILE", Path(file_name) if file_name else generated)


def data_dir(environment: Environment) -> Path:
    """Where the installation keeps its files; made, for this user only, when it is missing."""
    path = environment.folder("DISPLACE_DATA_DIR", BASE_DIR / "var")
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BadSetting(
            f"DISPLACE_DATA_DIR is {str(path)!r}, which cannot be made: {error.strerror}"
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise BadSetting(f"DISPLACE_DATA_DIR is {str(path)!r}, which this user cannot write to")
    return path


def require_long(name: str, secret: str) -> str:
    """Refuse a secret that could be guessed."""
    if len(secret) < MINIMUM_SECRET_LENGTH:
        raise BadSetting(
            f"{name} has {len(secret)} characters; "
            f"it needs at least {MINIMUM_SECRET_LENGTH} random ones"
        )
    return secret


def parse_encryption_keys(name: str, secret: str) -> tuple[str, ...]:
    """Fernet keys, the newest first: the first one encrypts, all of them decrypt."""
    keys = tuple(key for key in re.split(r"[,\s]+", secret) if key)
    for position, key in enumerate(keys, start=1):
        try:
            length = len(base64.b64decode(key.encode(), altchars=b"-_", validate=True))
        except (binascii.Error, UnicodeEncodeError):
            length = 0
        if length != 32:
            raise BadSetting(
                f"{name}: key {position} is not a Fernet key "
                "(32 random bytes in URL-safe base64, 44 characters)"
            )
    if not keys:
        raise BadSetting(f"{name} is empty; it needs at least one Fernet key")
    return keys


def _read_secret(name: str, path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise BadSetting(f"{name}: cannot read {str(path)!r}: {reason}") from None
    if not value:
        raise BadSetting(f"{name}: {str(path)!r} is empty; it must hold the secret")
    return value


def _split(name: str, value: str, accepted: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - the property raises on a port that is not a number
    except ValueError:
        raise _bad(name, value, accepted) from None
    return parts


def _bad(name: str, value: str, accepted: str) -> BadSetting:
    shown = mask_password(value)
    if len(shown) > SHOWN_VALUE_LENGTH:
        shown = shown[:SHOWN_VALUE_LENGTH] + "..."
    return BadSetting(f"{name} is {shown!r}; accepted: {accepted}")


def mask_password(value: str) -> str:
    """The same text with the password of a URL replaced by asterisks."""
    return re.sub(r"(://[^/@\s:]*:).*@", r"\1***@", value)

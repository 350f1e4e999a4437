"""Where a repository is: what people may type, and what git may be given."""

import posixpath
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

REMOTE_SCHEMES = ("http", "https", "ssh", "git")
_ACCEPTED = "use an http, https, ssh or git address, or a local path"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_HELPER = re.compile(r"^[A-Za-z0-9+.-]+::")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP_LIKE = re.compile(
    r"^(?:(?P<user>[^@/:\s]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^@/:\s\[\]]+):(?P<path>.*)$"
)
_HOST = re.compile(r"^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?$")
_IPV6 = re.compile(r"^[0-9A-Fa-f:.]+$")


class LocationRefused(ValueError):
    """The text is not a place a repository may be read from; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place that git may be asked to read.

    `url` is what git gets: an address, or an absolute path of this machine. It may hold a
    password, so anything shown, logged or sent uses `redacted`.
    """

    kind: Literal["local", "remote"]
    url: str
    name: str

    @property
    def longer_name(self) -> str:
        """The name with the folder that it is in, for telling two of one name apart."""
        path = unquote(urlsplit(self.url).path) if _SCHEME.match(self.url) else self.url
        folders = _segments_of(path.rpartition(":")[2] if self.kind == "remote" else path)[:-1]
        return f"{folders[-1]}/{self.name}" if folders else self.name

    @property
    def redacted(self) -> str:
        """The location with a password (or a token given as the user name) masked."""
        return redacted(self.url)

    @property
    def userinfo(self) -> str:
        """The user part of the address where it holds a secret, as typed; otherwise empty."""
        return urlsplit(self.url).netloc.rpartition("@")[0] if self.secrets else ""

    @property
    def bare_url(self) -> str:
        """The address without its secret: what may be stored in clear, and names the place."""
        user = "" if _is_web(self.url) else self.userinfo.partition(":")[0]
        return _with_user_part(self.url, user) if self.userinfo else self.url

    @property
    def secrets(self) -> tuple[str, ...]:
        """The parts of the location that must never be shown, as typed and decoded."""
        if self.kind == "local" or not _SCHEME.match(self.url):
            return ()
        userinfo, at, _ = urlsplit(self.url).netloc.rpartition("@")
        user, colon, password = userinfo.partition(":")
        if not at:
            return ()
        hidden = [password] if colon else [user] if _is_web(self.url) else []
        return tuple({part for text in hidden for part in (text, unquote(text)) if part})


def parse_location(text: str, *, base: str | None = None, home: str | None = None) -> Location:
    """Read what a person typed.

    `base` is the directory that relative paths start from and `home` the one `~` stands for;
    without them such paths are refused. Nothing is looked up: the place may not exist.
    Raises LocationRefused.
    """
    text = text.strip(" ")
    _refuse_dangerous(text)
    scheme = _SCHEME.match(text)
    if scheme is not None:
        return _from_url(text, scheme.group(1).lower(), base=base, home=home)
    scp_like = _SCP_LIKE.match(text)
    if scp_like is not None and not text.startswith(("~", ".")):
        return _from_scp_like(text, scp_like)
    return _from_path(text, base=base, home=home)


def with_userinfo(url: str, userinfo: str) -> str:
    """The address with a secret that was kept apart from it."""
    return _with_user_part(url, userinfo) if userinfo else url


def _with_user_part(url: str, userinfo: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{userinfo}@{host}" if userinfo else host))


def redacted(url: str) -> str:
    """The address with everything secret in its user part replaced by `***`."""
    if not _SCHEME.match(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return "***"
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url
    user, colon, _ = userinfo.partition(":")
    # Forges accept a token alone in the place of the user name.
    shown = f"{user}:***" if colon else "***" if _is_web(url) else user
    return urlunsplit(parts._replace(netloc=f"{shown}@{host}"))


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _refuse_dangerous(text: str) -> None:
    if not text:
        raise LocationRefused(f"The location is empty; {_ACCEPTED}.")
    if _CONTROL.search(text):
        raise LocationRefused("The location holds a line break or control character; remove it.")
    if text.startswith("-"):
        raise LocationRefused(
            "The location begins with a hyphen, which git reads as an option; "
            "write a path that begins so as ./-name."
        )
    if _HELPER.match(text):
        helper = text.partition("::")[0]
        raise LocationRefused(f'The transport "{helper}::" may run programs; {_ACCEPTED}.')


def _from_url(text: str, scheme: str, *, base: str | None, home: str | None) -> Location:
    try:
        parts = urlsplit(text)
        host, user = parts.hostname or "", parts.username or ""
        _ = parts.port  # read for its check of the number
    except ValueError as error:
        raise LocationRefused("The address has a wrong host or port; correct it.") from error
    if scheme == "file":
        if host not in ("", "localhost"):
            raise LocationRefused("A file:// address must have three slashes: file:///path.")
        path = unquote(parts.path)
        _refuse_dangerous(path)
        return _from_path(path, base=base, home=home)
    if scheme not in REMOTE_SCHEMES:
        raise LocationRefused(f'The transport "{scheme}://" is not accepted; {_ACCEPTED}.')
    _refuse_bad_host(host, user)
    if " " in text:
        raise LocationRefused("The address holds a space; write it as %20.")
    name = _name_of(unquote(parts.path))
    if not name:
        raise LocationRefused("The address names a host but no repository; add its path.")
    return Location("remote", text, name)


def _from_scp_like(text: str, match: re.Match[str]) -> Location:
    _refuse_bad_host(match["host"].strip("[]"), match["user"] or "")
    name = _name_of(match["path"])
    if not name or match["path"].startswith("-"):
        raise LocationRefused("The address names no repository; write it as user@host:path.")
    return Location("remote", text, name)


def _refuse_bad_host(host: str, user: str) -> None:
    if not (_HOST.match(host) or (":" in host and _IPV6.match(host))):
        raise LocationRefused("The address has no valid host name; correct it.")
    if user.startswith("-"):
        raise LocationRefused("The user name begins with a hyphen; correct it.")


def _from_path(text: str, *, base: str | None, home: str | None) -> Location:
    path = text
    if path == "~" or path.startswith("~/"):
        if home is None:
            raise LocationRefused("No home directory is known; give the path from the root (/).")
        path = home + path[1:]
    elif path.startswith("~"):
        raise LocationRefused("Another user's home is not looked up; give the path from the root.")
    if not path.startswith("/"):
        if base is None:
            raise LocationRefused("The path is relative; give it from the root (/).")
        path = posixpath.join(base, path)
    path = posixpath.normpath(path)
    if path.startswith("//"):  # POSIX keeps exactly two slashes; here they mean one
        path = path[1:]
    return Location("local", path, _name_of(path) or "root")


def _name_of(path: str) -> str:
    """The last part of the path that names the repository, without `.git`."""
    segments = _segments_of(path)
    return segments[-1].removesuffix(".git") if segments else ""


def _segments_of(path: str) -> list[str]:
    segments = [segment for segment in path.split("/") if segment not in ("", ".", "..")]
    if len(segments) > 1 and segments[-1] == ".git":
        segments.pop()
    return segments

"""Whether two addresses name the same repository, however each was written."""

import re
from urllib.parse import unquote, urlsplit

_SCP_LIKE = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[^@/:\s]+):(?P<path>(?!//).+)")


def canonical(address: str) -> str:
    """`host/owner/name` of an address; a local path stays a path.

    The protocol, the user, the port and a last `.git` say how to get there, not where it is.
    """
    text = address.strip()
    if "://" in text:
        try:
            parts = urlsplit(text)
            host = parts.hostname or ""
        except ValueError:
            return text
        return _joined("" if parts.scheme == "file" else host, unquote(parts.path))
    scp_like = _SCP_LIKE.fullmatch(text)
    if scp_like is not None and not text.startswith(("/", ".", "~")):
        return _joined(scp_like["host"], scp_like["path"])
    return _joined("", text)


def _joined(host: str, path: str) -> str:
    path = path.rstrip("/").removesuffix(".git").rstrip("/")
    return f"{host.lower()}/{path.lstrip('/')}" if host else path

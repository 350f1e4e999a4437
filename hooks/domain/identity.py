"""Which delivery an event is, so that the same one is not acted on twice."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from hooks.domain.kinds import Kind

# The headers that name a delivery, the first one sent counts. A repeated try keeps its name.
HEADERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.GITHUB: ("x-github-delivery",),
    Kind.GITLAB: ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
    Kind.GITEA: ("x-gitea-delivery",),
    Kind.FORGEJO: ("x-forgejo-delivery", "x-gitea-delivery"),
    Kind.BITBUCKET: ("x-request-uuid", "x-request-id"),
    Kind.DISPLACE: ("x-displace-delivery",),
}
LONGEST = 100
# Without a name, the same body within this time is the same delivery; later it is a new one, since
# a branch may be moved away and back, which looks exactly the same.
WINDOW = timedelta(minutes=10)

_PLAIN = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")


def delivery_id(kind: Kind, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Return the name of a delivery; `headers` are named in lower case."""
    for header in HEADERS[kind]:
        given = headers.get(header, "").strip()
        if _PLAIN.fullmatch(given):
            return given
        if given:  # too long or odd: its digest names it as well
            return f"id-{_digest(given.encode('utf-8', 'backslashreplace'))}"
    window = int(now.timestamp() // WINDOW.total_seconds())
    return f"body-{_digest(body)}-{window}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:64]

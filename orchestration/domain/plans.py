"""What a run would do, in words, and the digest that an approval is given to."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class ChangeKind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that applying would do to one resource.

    `is_predicted`: derived from what the blueprint declares, not computed by the engine.
    `details` are lines such as "max_connections: 50 -> 200"; none holds a secret.
    """

    resource: str
    kind: ChangeKind
    subject: str
    details: tuple[str, ...] = ()
    is_predicted: bool = True
    # Data would be lost.
    is_destructive: bool = False

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value, "details": list(self.details)}


def change_from(document: Mapping[str, Any]) -> Change:
    return Change(
        resource=document["resource"],
        kind=ChangeKind(document["kind"]),
        subject=document["subject"],
        details=tuple(document["details"]),
        is_predicted=document["is_predicted"],
        is_destructive=document["is_destructive"],
    )


def digest_of(basis: Mapping[str, Any]) -> str:
    """The name of a plan: SHA-256 over everything that applying it depends on.

    The same basis gives the same digest on every machine (RFC 8785's idea of a canonical form:
    sorted keys, no spaces, UTF-8; no floats occur).
    """
    canonical = json.dumps(basis, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[str]:
    """The names of what differs between two bases, to say why a plan is stale."""
    names = sorted(set(before) | set(after))
    return [name for name in names if before.get(name) != after.get(name)]

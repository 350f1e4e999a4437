"""Who asks, in the terms of the rules."""

from dataclasses import dataclass
from typing import Any, cast

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role, allows
from common.errors import Denied
from ledger.domain.actors import SYSTEM, Actor, System
from ledger.domain.lifecycle import Asker

__all__ = ["SYSTEM", "Actor", "Signature", "asker_for", "require_role", "signature_of"]


@dataclass(frozen=True, slots=True)
class Signature:
    """The name under an event; no id for the product itself."""

    id: int | None
    name: str


def signature_of(actor: Actor) -> Signature:
    if isinstance(actor, System):
        return Signature(None, "system")
    return Signature(actor.pk, actor.username)


def asker_for(actor: Actor, owner: str) -> Asker:
    """The actor's role, and whether `owner` is the actor or one of their teams."""
    if isinstance(actor, System):
        return Asker(Role.ADMIN, is_owner=False)
    if not actor.is_active:
        raise Denied("This account is switched off.")
    # The user model is private to accounts; whoever calls a service passes one.
    user = cast("Any", actor)
    return Asker(Role(actor.role), accounts_selectors.is_owner(user, owner), actor.username)


def require_role(actor: Actor, needed: Role) -> None:
    """Refuse an actor below a role."""
    asker = asker_for(actor, "")
    if not allows(asker.role, needed):
        raise Denied(f"This needs the role {needed.value}; yours is {asker.role.value}.")

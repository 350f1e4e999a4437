"""Changing the policy: each change is a new version, and none is lost."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.roles import Role
from common import clock
from common.errors import Refused, Stale
from ledger.domain.policy_documents import checked
from ledger.domain.policy_words import changes
from ledger.domain.texts import paragraph
from ledger.models import PolicyVersion
from ledger.selectors.policies import policy_document, repository_names
from ledger.services.actors import Actor, require_role, signature_of

MOST_NOTE = 2_000
STALE = "Somebody else changed the policy in the meantime; look at it again and repeat the change."


def policy_change(
    *,
    actor: Actor,
    document: Mapping[str, Any],
    note: str = "",
    expected_version: int | None = None,
) -> PolicyVersion:
    """Put a whole policy in force. Needs an admin.

    `document` is described in ledger.domain.policy_documents; `expected_version` is the number of
    the version that the admin has seen, 0 for the default. Raises Refused for a document that is
    not acceptable or changes nothing, and Stale.
    """
    require_role(actor, Role.ADMIN)
    text = paragraph(note, "note", MOST_NOTE)
    wanted = checked(document, clock.today())
    number, current = policy_document()
    if expected_version is not None and expected_version != number:
        raise Stale(STALE)
    known = repository_names()
    # The rules of a repository that was removed go with the next change.
    gone = current["repositories"].keys() - known.keys()
    wanted["repositories"] = {
        key: rules for key, rules in wanted["repositories"].items() if key not in gone
    }
    if unknown := [key for key in wanted["repositories"] if key not in known]:
        raise Refused(f"There is no repository {unknown[0]}.", "repositories")
    if not changes(current, wanted):
        raise Refused("This is the policy already; nothing was changed.", "policy")
    try:
        with transaction.atomic():
            return PolicyVersion.objects.create(
                number=number + 1,
                document=wanted,
                note=text,
                at=clock.now(),
                made_by_id=signature_of(actor).id,
            )
    except IntegrityError:
        # Somebody else's change got the number.
        raise Stale(STALE) from None

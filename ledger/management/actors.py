"""Who acts when a command is given."""

from accounts import selectors as accounts_selectors
from common.errors import NotFound, Refused
from ledger.domain.actors import Person


def acting(username: str) -> Person:
    """The person named, or the only one there is."""
    if not username:
        people = [owner for owner in accounts_selectors.owners() if owner.kind == "user"]
        if len(people) != 1:
            raise Refused("Say who acts: --as USERNAME.", "username")
        username = people[0].handle
    user = accounts_selectors.user_by_name(username)
    if user is None:
        raise NotFound(f"There is no person '{username}'.")
    return user

"""Who acts when a command is given."""

from accounts import selectors as accounts_selectors
from accounts.selectors import User
from common.errors import NotFound, Refused


def acting(username: str) -> User:
    """The person named, or the only one there is. Raises Refused or NotFound."""
    if not username:
        people = [one for one in accounts_selectors.owners() if one.kind == "user"]
        if len(people) != 1:
            raise Refused("Say who acts: --as USERNAME.", "username")
        username = people[0].handle
    return person_named(username)


def person_named(username: str) -> User:
    """The person with this user name. Raises NotFound."""
    user = accounts_selectors.user_by_name(username)
    if user is None:
        raise NotFound(f"There is no person '{username[:100]}'.")
    return user

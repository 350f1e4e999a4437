"""What the commands about people share."""

from accounts import selectors
from accounts.domain.roles import Role
from common.errors import NotFound

ROLES_HELP = "each role may do what the ones before it may: " + ", ".join(
    f"{role.value} ({role.meaning})" for role in Role
)


def named_user(username: str) -> selectors.User:
    """Return the person, or raise NotFound with what to do."""
    user = selectors.user_by_name(username)
    if user is None:
        raise NotFound(f"There is no user {username!r}; `create_user` makes one.")
    return user


def named_team(slug: str) -> selectors.Team:
    """Return the team, or raise NotFound with what to do."""
    team = selectors.team_by_slug(slug)
    if team is None:
        raise NotFound(f"There is no team {slug!r}; `create_team` makes one.")
    return team

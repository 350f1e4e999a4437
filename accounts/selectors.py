"""Reading people, teams and tokens."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.domain.roles import Role
from accounts.domain.secrets import digest
from accounts.domain.throttle import WINDOW, Failures, is_throttled
from accounts.models import ApiToken, Membership, SignInFailure, SignInLink
from accounts.models import Team as Team  # noqa: PLC0414 - named in signatures of other apps
from accounts.models import User as User  # noqa: PLC0414 - request.user, for other apps
from common import clock


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a handle stands for."""

    kind: Literal["user", "team"]
    handle: str
    name: str


def first_admin() -> User | None:
    """The admin who was made first and is still active."""
    return User.objects.filter(role=Role.ADMIN.value, is_active=True).order_by("pk").first()


def user_by_name(username: str) -> User | None:
    return User.objects.filter(username=username).first()


def active_user_by_email(email: str) -> User | None:
    """The active person with this address, in whatever case it is written."""
    found = User.objects.filter(email__iexact=email, is_active=True)
    return found.first() if email else None


def team_by_slug(slug: str) -> Team | None:
    return Team.objects.filter(slug=slug).first()


def people(*, search: str = "", active_only: bool = True) -> QuerySet[User]:
    """People with their `teams`, the active ones first, by name; `search` looks at names."""
    found = User.objects.prefetch_related("teams").order_by("-is_active", "username")
    if active_only:
        found = found.filter(is_active=True)
    if search:
        found = found.filter(Q(username__icontains=search) | Q(display_name__icontains=search))
    return found


def teams() -> Sequence[Team]:
    """Every team with its active `members`."""
    return list(teams_with_members())


def teams_with_members() -> QuerySet[Team]:
    """The same, to be filtered."""
    return Team.objects.prefetch_related(Prefetch("members", active_people()))


def active_people() -> QuerySet[User]:
    return User.objects.filter(is_active=True)


def members_of(team: Team) -> Sequence[User]:
    """Everybody in the team, deactivated people included."""
    return list(team.members.all())


def is_lead(user: User, team_id: int) -> bool:
    """Whether the person leads this team."""
    return Membership.objects.filter(user=user, team_id=team_id, is_lead=True).exists()


def leads_of(team_id: int) -> Sequence[User]:
    """The active people who lead a team, by user name."""
    found = Membership.objects.filter(team_id=team_id, is_lead=True, user__is_active=True)
    return [one.user for one in found.select_related("user").order_by("user__username")]


def leads_by_team() -> dict[int, list[User]]:
    """The active people who lead each team, by user name; one query."""
    found: dict[int, list[User]] = defaultdict(list)
    rows = Membership.objects.filter(is_lead=True, user__is_active=True)
    for one in rows.select_related("user").order_by("user__username"):
        found[one.team_id].append(one.user)
    return found


def teams_all() -> Sequence[Team]:
    """Every team, without its members."""
    return list(Team.objects.all())


def people_by_id(numbers: Collection[int]) -> Sequence[User]:
    """These people, deactivated ones included."""
    return list(User.objects.filter(pk__in=numbers).order_by("username"))


def teams_led_by(user: User) -> frozenset[int]:
    """The ids of the teams that the person leads."""
    found = Membership.objects.filter(user=user, is_lead=True)
    return frozenset(found.values_list("team_id", flat=True))


def live_token(secret: str) -> ApiToken | None:
    """The token of an active person, neither revoked nor expired."""
    return (
        ApiToken.objects.filter(
            Q(expires_at=None) | Q(expires_at__gt=clock.now()),
            digest=digest(secret),
            revoked_at=None,
            user__is_active=True,
        )
        .select_related("user")
        .first()
    )


def tokens_of(user: User) -> Sequence[ApiToken]:
    """The person's tokens that are not revoked, newest first."""
    return list(ApiToken.objects.filter(user=user, revoked_at=None))


def live_sign_in_link(secret: str) -> SignInLink | None:
    """The link, if it can still be used."""
    return (
        SignInLink.objects.filter(
            digest=digest(secret),
            used_at=None,
            expires_at__gt=clock.now(),
            user__is_active=True,
        )
        .select_related("user")
        .first()
    )


def owner_of(handle: str) -> Owner | None:
    """The team or the active person with this handle."""
    team = Team.objects.filter(slug=handle).first()
    if team is not None:
        return Owner("team", team.slug, team.name)
    user = User.objects.filter(username=handle, is_active=True).first()
    return Owner("user", user.username, str(user)) if user is not None else None


def owner_standing(handle: str) -> Literal["known", "deactivated", "unknown"]:
    """Whether a handle stands for a team or an active person, or for one who left."""
    if Team.objects.filter(slug=handle).exists():
        return "known"
    is_active = User.objects.filter(username=handle).values_list("is_active", flat=True).first()
    if is_active is None:
        return "unknown"
    return "known" if is_active else "deactivated"


def owners() -> Sequence[Owner]:
    """Everybody who can own something: the teams, then the active people."""
    teams = [Owner("team", team.slug, team.name) for team in Team.objects.all()]
    people = [
        Owner("user", user.username, str(user)) for user in User.objects.filter(is_active=True)
    ]
    return [*teams, *people]


def handles_of(user: User) -> frozenset[str]:
    """The person's own handle and those of their teams."""
    return frozenset({user.username, *user.teams.values_list("slug", flat=True)})


def home_teams() -> dict[str, int]:
    """By handle, the team that looks after what it owns: the team itself, or a person's first.

    A person's first team is that with the first slug; who is in no team is left out. Two queries.
    """
    found = dict(Team.objects.order_by().values_list("slug", "pk"))
    rows = Membership.objects.order_by("user__username", "team__slug")
    for username, team_id in rows.values_list("user__username", "team_id"):
        found.setdefault(username, team_id)
    return found


def handles_at_home(slug: str) -> frozenset[str]:
    """The handles whose debts a team looks after: its own, and people whose first team it is."""
    team = team_by_slug(slug)
    if team is None:
        return frozenset()
    rows = Membership.objects.filter(user__memberships__team=team)
    homes: dict[str, str] = {}
    pairs = rows.order_by("team__slug").values_list("user__username", "team__slug")
    for username, first in pairs:
        homes.setdefault(username, first)
    return frozenset({slug, *(name for name, first in homes.items() if first == slug)})


def people_behind(handles: Collection[str]) -> dict[str, set[int]]:
    """By handle, the active people that it stands for: the person, or the members of the team."""
    found: dict[str, set[int]] = defaultdict(set)
    active = User.objects.filter(is_active=True).order_by()
    for name, number in active.filter(username__in=handles).values_list("username", "pk"):
        found[name].add(number)
    for name, number in active.filter(teams__slug__in=handles).values_list("teams__slug", "pk"):
        found[name].add(number)
    return found


def is_owner(user: User, handle: str) -> bool:
    """Whether `handle` is the person or one of their teams."""
    return handle in handles_of(user)


def sign_in_is_throttled(*, name: str, address: str) -> bool:
    """Whether too many attempts failed lately for this name, this address or both."""
    counts = SignInFailure.objects.filter(failed_at__gt=_window_start()).aggregate(
        by_name=Count("pk", filter=Q(name_digest=digest(name))),
        by_address=Count("pk", filter=Q(address=address)),
        by_both=Count("pk", filter=Q(name_digest=digest(name), address=address)),
    )
    return is_throttled(
        Failures(
            by_name_and_address=counts["by_both"],
            by_address=counts["by_address"],
            by_name=counts["by_name"],
        )
    )


def _window_start() -> datetime:
    return clock.now() - WINDOW

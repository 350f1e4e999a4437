"""Whose chat account is whose."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import QuerySet

from accounts.selectors import User
from alerts.channels.registry import KINDS
from alerts.models import Channel, ChatIdentity, LinkCode, Preference


def user_behind(*, kind: str, workspace: str, chat_id: str) -> User | None:
    """The active person who has linked this chat account."""
    found = (
        ChatIdentity.objects.filter(
            kind=kind, workspace=workspace, chat_id=chat_id, user__is_active=True
        )
        .select_related("user")
        .first()
    )
    return found.user if found is not None else None


def identities_of(user: User) -> Sequence[ChatIdentity]:
    """The chat accounts that this person has linked."""
    return list(ChatIdentity.objects.filter(user=user))


def channels_linking() -> QuerySet[Channel]:
    """The channels through which a code can be put before an account, by name.

    Shared ones only: whoever owns a channel alone would be the only one to see who asked.
    """
    kinds = [kind.name for kind in KINDS.values() if kind.account is not None]
    return Channel.objects.filter(kind__in=kinds, person=None, disabled_at__isnull=True).order_by(
        "name"
    )


def live_codes(user: User) -> QuerySet[LinkCode]:
    """The person's codes that nobody has used, the newest first."""
    return LinkCode.objects.filter(user=user, used_at=None)


def chat_ids(
    handles: Collection[str], *, kind: str, workspace: str, by_name: bool = False
) -> Mapping[str, str]:
    """By user name, the chat accounts of those who may be called by name at this service.

    Whoever asked not to be called, left, or linked no account is not in it. Of several accounts
    of one person, the one that was linked last.
    """
    if not handles:
        return {}
    rows = ChatIdentity.objects.filter(
        kind=kind, workspace=workspace, user__is_active=True, user__username__in=handles
    ).exclude(user__in=Preference.objects.filter(mentions=False).values("user"))
    account = "chat_name" if by_name else "chat_id"
    return dict(rows.order_by("linked_at", "pk").values_list("user__username", account))

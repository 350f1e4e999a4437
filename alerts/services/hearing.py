"""Notices of other parts of the product go into the outbox, once for each place."""

from django.db.models import Q, QuerySet

from accounts import selectors as accounts_selectors
from alerts.domain.messages import Mention, Message
from alerts.domain.states import DeliveryKind
from alerts.models import Channel
from alerts.services.outbox import Draft, deliveries_queue
from common.notices import Notice, Severity


def notice_hear(notice: Notice) -> None:
    """Put a notice into the outbox of its team's channels, else of those without a team.

    Belongs into the transaction of the fact. The kind is that of a digest: what cannot be sent
    waits for its channel, while a notice about alerts themselves is told elsewhere instead.
    """
    message = _message(notice)
    deliveries_queue(
        [
            Draft(number, message, DeliveryKind.DIGEST, f"notice:{number}:{notice.key}")
            for number in _places(notice.team_id)
        ]
    )


def _message(notice: Notice) -> Message:
    # Nobody is called by name for what may be read tomorrow.
    called = () if notice.severity is Severity.INFO else notice.handles
    return Message(
        title=notice.title,
        lead=notice.text,
        url=notice.url,
        call=tuple(Mention(handle, _name(handle)) for handle in dict.fromkeys(called)),
    )


def _name(handle: str) -> str:
    owner = accounts_selectors.owner_of(handle)
    return owner.name if owner else handle


def _places(team_id: int | None) -> list[int]:
    """The channels that hear what belongs to a team, by number.

    Where the team has none: those that hear what belongs to nobody, else those without a team.
    """
    shared = Channel.objects.filter(disabled_at__isnull=True, person__isnull=True)
    on = Q(routes__switched_on_at__isnull=False)
    of_nobody = [shared.filter(on, routes__team__isnull=True), shared.filter(team__isnull=True)]
    if team_id is None:
        return _first(of_nobody)
    return _first([shared.filter(Q(team=team_id) | (on & Q(routes__team=team_id))), *of_nobody])


def _first(choices: list[QuerySet[Channel]]) -> list[int]:
    found: list[int] = []
    for choice in choices:
        found = found or sorted(set(choice.values_list("pk", flat=True)))
    return found

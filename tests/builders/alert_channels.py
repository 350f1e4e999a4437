"""Channels for tests of the delivery: a kind of their own that posts JSON over real HTTP."""

import secrets
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from unittest import mock

from alerts.channels import registry
from alerts.channels.kind import Abilities, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call
from alerts.domain.messages import Envelope, Message, Receipt
from alerts.domain.states import DeliveryKind
from alerts.models import Channel, Delivery
from alerts.services.outbox import Draft, deliveries_queue
from common import clock, http
from common.connection_settings import Field, sealed

FAST = Rate(per_second=10_000, burst=10_000)


class Loop(ChannelKind):
    """Posts what it is given; the receiver sees the key, the attempt and what is changed."""

    name: ClassVar[str] = "loop"
    label: ClassVar[str] = "Loopback"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", is_secret=True),
        Field("place", "Place", is_required=False),
    )
    rate: ClassVar[Rate] = FAST
    abilities: ClassVar[Abilities] = Abilities(edits=True, threads=True)
    limits: ClassVar[http.Limits] = http.Limits(seconds=5.0, body=64 * 1024)

    def check(self, settings: Settings) -> None:
        """Everything will do."""

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        return self._post("send", settings, message, envelope, "")

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        found = self._post("edit", settings, message, envelope, before.remote_id)
        return Receipt(before.remote_id, found.said, found.status)

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        return self._post("reply", settings, message, envelope, before.remote_id)

    def _post(
        self, how: str, settings: Settings, message: Message, envelope: Envelope, before: str
    ) -> Receipt:
        value = {
            "how": how,
            "key": envelope.key,
            "attempt": envelope.attempt,
            "before": before,
            "title": message.title,
        }
        answer = call(
            "POST", settings["url"], value=value, secrets=[settings["url"]], limits=self.limits
        )
        try:
            found = answer.json()
            remote_id = str(found["id"])
        except (http.BadAnswer, KeyError, TypeError):
            raise SendError(
                "The server's answer is none of this service.",
                is_outcome_unknown=True,
                status=answer.status,
            ) from None
        return Receipt(remote_id, said="ok", status=answer.status)


@contextmanager
def kind_known(kind: ChannelKind) -> Any:
    """Let the kind be one of those that exist."""
    with mock.patch.dict(registry.KINDS, {kind.name: kind}):  # type: ignore[arg-type]  # it is a dict
        yield kind


def channel(name: str, url: str = "", *, kind: str = "loop", **columns: Any) -> Channel:
    """A channel whose bucket is full."""
    now = clock.now()
    values: Mapping[str, str] = {"url": url}
    return Channel.objects.create(
        kind=kind,
        name=name,
        key=secrets.token_urlsafe(16),
        created_at=now,
        updated_at=now,
        **{"tokens": 10_000, "tokens_at": now, "secret": sealed(dict(values)), **columns},
    )


def queued(
    into: Channel, count: int = 1, kind: DeliveryKind = DeliveryKind.DIGEST, **draft: Any
) -> list[Delivery]:
    """Messages in the outbox, in their order."""
    names = [f"fact {secrets.token_hex(8)}" for _ in range(count)]
    deliveries_queue(
        [
            Draft(into.pk, Message(f"Message {number}", "A sentence."), kind, name, **draft)
            for number, name in enumerate(names)
        ]
    )
    return list(Delivery.objects.filter(dedupe__in=names).order_by("pk"))

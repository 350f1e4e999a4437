"""Endpoints: made, given a new secret, switched off and on, deleted."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from common import clock
from common.encryption import seal
from common.errors import NotFound, Refused
from hooks.domain.kinds import Kind
from hooks.domain.signatures import new_secret, refused_secret
from hooks.models import Endpoint

# Bytes of randomness in an address.
KEY_BYTES = 24
MOST_PER_REPOSITORY = 20
# How long the secret before may stay valid.
LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """An endpoint and its new secret, which cannot be read again."""

    endpoint: Endpoint
    secret: str = field(repr=False)


def endpoint_create(
    *, repository_id: int, kind: Kind, secret: str = "", created_by_id: int | None = None
) -> IssuedSecret:
    """Make an address for a sender's events. Without a `secret`, one is made.

    Refused for a secret that is too short (field "secret") and for too many endpoints.
    """
    chosen = _chosen(kind, secret)
    if Endpoint.objects.filter(repository_id=repository_id).count() >= MOST_PER_REPOSITORY:
        raise Refused(
            f"This repository has {MOST_PER_REPOSITORY} webhooks; delete one that is not used."
        )
    endpoint = Endpoint.objects.create(
        repository_id=repository_id,
        kind=kind,
        key=secrets.token_urlsafe(KEY_BYTES),
        secret=seal(chosen),
        created_by_id=created_by_id,
        created_at=clock.now(),
    )
    return IssuedSecret(endpoint, chosen)


def endpoint_rotate(*, endpoint_id: int, overlap: timedelta, secret: str = "") -> IssuedSecret:
    """Give an endpoint a new secret; the one before stays valid for `overlap`, 0 to 30 days.

    Only one secret before is kept: rotating twice ends the older one at once.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Refused("The old secret may stay valid for 0 to 30 days.", "overlap_hours")
    with transaction.atomic():
        endpoint = _locked(endpoint_id)
        chosen = _chosen(Kind(endpoint.kind), secret)
        now = clock.now()
        endpoint.previous_secret = endpoint.secret if overlap else ""
        endpoint.previous_until = now + overlap if overlap else None
        endpoint.secret = seal(chosen)
        endpoint.rotated_at = now
        endpoint.save(update_fields=["secret", "previous_secret", "previous_until", "rotated_at"])
    return IssuedSecret(endpoint, chosen)


def endpoint_disable(*, endpoint_id: int) -> Endpoint:
    """Accept nothing more at this address until it is enabled again."""
    with transaction.atomic():
        endpoint = _locked(endpoint_id)
        endpoint.disabled_at = endpoint.disabled_at or clock.now()
        endpoint.save(update_fields=["disabled_at"])
    return endpoint


def endpoint_enable(*, endpoint_id: int) -> Endpoint:
    """Accept events at this address again, with the same secret."""
    with transaction.atomic():
        endpoint = _locked(endpoint_id)
        endpoint.disabled_at = None
        endpoint.save(update_fields=["disabled_at"])
    return endpoint


def endpoint_delete(*, endpoint_id: int) -> None:
    """Forget an endpoint and its deliveries; the address is never given out again."""
    with transaction.atomic():
        _locked(endpoint_id).delete()


def previous_secrets_forget() -> int:
    """Erase the secrets whose overlap has ended; return how many."""
    ended = Endpoint.objects.filter(previous_until__lte=clock.now())
    return ended.update(previous_secret="", previous_until=None)


def _locked(endpoint_id: int) -> Endpoint:
    endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound(f"There is no webhook {endpoint_id}.")
    return endpoint


def _chosen(kind: Kind, secret: str) -> str:
    given = secret.strip()
    if not given:
        return new_secret(kind)
    if reason := refused_secret(given):
        raise Refused(reason, "secret")
    return given

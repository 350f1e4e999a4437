"""Secrets at rest: sealed with keys that stand outside of the database.

A sealed text is a Fernet token (AES-128-CBC with HMAC-SHA256). `DISPLACE_ENCRYPTION_KEYS` holds
the keys, the newest first: the first one seals, each of them opens. So a key is replaced by
putting a new one in front, running the command `reencrypt`, and taking the old one away.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from common.errors import DisplaceError

if TYPE_CHECKING:
    SealedText = models.TextField[str, str]
else:
    SealedText = models.TextField

# Rows sealed anew in one transaction.
BATCH = 200


class CannotOpen(DisplaceError):
    """None of the keys opens a sealed text, or there is no key at all."""


class SealedField(SealedText):
    """A column that holds what `seal` returned; empty where there is no secret.

    The value stays sealed in memory too, so that no log, page or dump shows it by accident; only
    who needs the secret calls `unseal`. The class marks the column for `reseal_all`.
    """


def seal(text: str) -> str:
    """Encrypt with the newest key. Raises CannotOpen when no key is set."""
    return _fernet(settings.ENCRYPTION_KEYS).encrypt(text.encode("utf-8")).decode("ascii")


def unseal(sealed: str) -> str:
    """Decrypt with whichever key fits. Raises CannotOpen when none does."""
    try:
        return _fernet(settings.ENCRYPTION_KEYS).decrypt(sealed.encode("utf-8")).decode("utf-8")
    except InvalidToken:
        raise CannotOpen(
            "A stored secret cannot be opened: the key that sealed it is not among "
            "DISPLACE_ENCRYPTION_KEYS. Put that key back, or replace the secret."
        ) from None


def reseal_all() -> int:
    """Seal every stored secret with the newest key; return how many.

    Each row is changed only if it still holds what was read, so the installation may go on
    working meanwhile. Raises CannotOpen at the first secret that no key opens.
    """
    return sum(
        _reseal_column(model, field.attname)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedField)
    )


def _reseal_column(model: type[models.Model], column: str) -> int:
    manager = model._default_manager
    keys = list(manager.exclude(**{column: ""}).order_by("pk").values_list("pk", flat=True))
    done = 0
    for start in range(0, len(keys), BATCH):
        with transaction.atomic():
            rows = manager.filter(pk__in=keys[start : start + BATCH]).values_list("pk", column)
            for pk, sealed in list(rows):
                unchanged = manager.filter(pk=pk, **{column: sealed})
                done += unchanged.update(**{column: seal(unseal(sealed))}) if sealed else 0
    return done


@lru_cache(maxsize=2)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise CannotOpen(
            "DISPLACE_ENCRYPTION_KEYS is not set, so no secret can be stored; set it, or use "
            "`make run`, which generates it."
        )
    return MultiFernet([Fernet(key) for key in keys])

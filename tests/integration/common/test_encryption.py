"""Secrets at rest: sealed, opened by any key, sealed anew with the newest."""

from typing import Any

import pytest
from cryptography.fernet import Fernet

from common.encryption import CannotOpen, seal, unseal

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_sealed_text_shows_nothing_and_opens() -> None:
    sealed = seal("pässword")
    assert "ssword" not in sealed
    assert sealed != seal("pässword")
    assert unseal(sealed) == "pässword"


def test_every_key_opens_and_the_first_seals(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = (OLD,)
    sealed = seal("secret")
    settings.ENCRYPTION_KEYS = (NEW, OLD)
    assert unseal(sealed) == "secret"
    assert Fernet(NEW).decrypt(seal("secret")) == b"secret"


@pytest.mark.parametrize("sealed", ["", "nonsense", "gAAAA\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_what_no_key_opens_is_refused_in_words(sealed: str) -> None:
    with pytest.raises(CannotOpen, match="DISPLACE_ENCRYPTION_KEYS"):
        unseal(sealed)


def test_without_keys_nothing_is_sealed(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = ()
    with pytest.raises(CannotOpen, match="is not set"):
        seal("secret")

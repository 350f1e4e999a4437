"""The form in which RabbitMQ keeps a password: nobody can read it back."""

import base64
import hashlib
from collections.abc import Callable


def rabbitmq_hash(password: str, salt: str) -> str:
    """Four bytes of salt, and SHA-256 over salt and password; the same salt, the same hash."""
    four = hashlib.sha256(salt.encode()).digest()[:4]
    return base64.b64encode(four + hashlib.sha256(four + password.encode()).digest()).decode()


class FilterModule:
    def filters(self) -> dict[str, Callable[[str, str], str]]:
        return {"rabbitmq_hash": rabbitmq_hash}

"""Who acts on the ledger: a person, or the product itself."""

from typing import Protocol


class Person(Protocol):
    """A user, as far as the ledger looks at one."""

    @property
    def pk(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def is_active(self) -> bool: ...


class System:
    """The product itself, when it registers what a tree shows."""


SYSTEM = System()
Actor = Person | System

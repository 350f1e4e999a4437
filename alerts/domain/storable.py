"""Values of strangers made fit for a database's columns."""

from typing import Any


def storable(value: Any) -> Any:
    """The same value without what no database stores as text: NUL and lone surrogates."""
    match value:
        case str():
            plain = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
            return plain.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {storable(key): storable(one) for key, one in value.items()}
        case list() | tuple():
            return [storable(one) for one in value]
        case _:
            return value

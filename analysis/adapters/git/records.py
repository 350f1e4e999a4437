"""Cuts git's output streams into fields."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from analysis.adapters.git.errors import DamagedRepository

# Commit dates are whatever the author's machine claimed. Outside this range they say nothing.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)
_LATEST_SECONDS = int(LATEST.timestamp())
_CUT = DamagedRepository("The mirror's data ended in the middle; fetch the repository again.")


def instant(seconds: bytes) -> datetime:
    """Seconds since 1970 as a UTC time, clamped to 1970-2099; an unreadable one is 1970."""
    try:
        value = int(seconds)
    except ValueError:
        return EARLIEST
    return datetime.fromtimestamp(min(max(value, 0), _LATEST_SECONDS), UTC)


def fields(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The NUL-terminated fields of a stream."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


class Buffer:
    """Reads a stream by terminator and by length."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._data = b""
        self._position = 0

    def until(self, terminator: bytes) -> bytes | None:
        """The bytes before the terminator, which is consumed; None at the end of the stream."""
        scanned = self._position
        while (end := self._data.find(terminator, scanned)) < 0:
            unread = len(self._data) - self._position
            if not self._more():
                if unread:
                    raise _CUT
                return None
            scanned = unread
        piece = self._data[self._position : end]
        self._position = end + len(terminator)
        return piece

    def exactly(self, size: int) -> bytes:
        """The next `size` bytes."""
        pieces = []
        while size > 0:
            piece = self._data[self._position : self._position + size]
            self._position += len(piece)
            size -= len(piece)
            pieces.append(piece)
            if size and not self._more():
                raise _CUT
        return b"".join(pieces)

    def skip(self, size: int) -> None:
        """Drop the next `size` bytes without holding them."""
        while size > (available := len(self._data) - self._position):
            size -= available
            self._position += available
            if not self._more():
                raise _CUT
        self._position += size

    def _more(self) -> bool:
        chunk = next(self._chunks, b"")
        self._data = self._data[self._position :] + chunk
        self._position = 0
        return bool(chunk)

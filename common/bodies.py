"""Reading the raw body of a request from a stranger, and no more of it than is allowed."""

from http import HTTPStatus

from django.http import HttpRequest, UnreadablePostError

# Bytes read from the connection at a time.
CHUNK = 64 * 1024


class Unacceptable(Exception):
    """The request cannot even be read: what to answer, and why."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def body_of(request: HttpRequest, *, most: int) -> bytes:
    """The body, at most `most` bytes. Raises Unacceptable."""
    if "Transfer-Encoding" in request.headers:
        # Such a body would be taken for an empty one.
        raise Unacceptable(HTTPStatus.LENGTH_REQUIRED, "Send the body with a Content-Length.")
    declared = request.headers.get("Content-Length", "0")
    size = int(declared[:20]) if declared.isdecimal() else 0
    try:
        if size > most:
            _read_away(request, size, 2 * most)
            raise _too_large(most)
        return _read(request, most)
    except UnreadablePostError:
        raise Unacceptable(HTTPStatus.BAD_REQUEST, "The body ended too early.") from None


def _read(request: HttpRequest, most: int) -> bytes:
    pieces, size = [], 0
    while piece := request.read(CHUNK):
        size += len(piece)
        if size > most:
            raise _too_large(most)
        pieces.append(piece)
    return b"".join(pieces)


def _read_away(request: HttpRequest, size: int, most: int) -> None:
    """Read a body without keeping it, unless even that is too much.

    A sender that is still writing would see a broken connection instead of the answer.
    """
    while size <= most and request.read(CHUNK):
        pass


def _too_large(most: int) -> Unacceptable:
    return Unacceptable(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {most // 1024} KB."
    )

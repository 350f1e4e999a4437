"""Errors that every interface knows how to show: web, API and command line."""


class DisplaceError(Exception):
    """Base of the expected errors; the message is one sentence for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(DisplaceError):
    """A rule of the domain forbids the request.

    `field` names the input at fault, so that a form or the API can point at it.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(DisplaceError):
    """The thing asked for does not exist, or the asker may not know that it does."""


class Denied(DisplaceError):
    """The person's role does not allow the request."""


class Stale(DisplaceError):
    """Somebody else changed the thing since the asker read it."""

"""Errors of HTTP that the framework does not know."""

from rest_framework.exceptions import APIException


class LengthRequired(APIException):
    status_code = 411
    default_detail = "Send the body with its Content-Length; a body in chunks is not read."


class TooLarge(APIException):
    status_code = 413
    default_detail = "The body of the request is too large."


class PreconditionRequired(APIException):
    status_code = 428
    default_detail = (
        "Send If-Match with the ETag of what you have read, so that nobody's change gets lost."
    )


class PreconditionFailed(APIException):
    status_code = 412


class Conflict(APIException):
    """The present state refuses it; `code` names the finer type of problem."""

    status_code = 409


class Refusal(APIException):
    """A rule refuses a value; `code` names the finer type of problem."""

    status_code = 422

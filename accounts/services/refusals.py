"""What a model refuses, as a refusal that every interface knows how to show."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError

from common.errors import Refused


@contextmanager
def refused_when_invalid() -> Iterator[None]:
    """Turn what a model refuses into one sentence for the person who asked."""
    try:
        yield
    except IntegrityError:
        raise Refused("Somebody else has just taken this name or e-mail address.") from None
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Refused(" ".join(messages), None if name == NON_FIELD_ERRORS else name) from None

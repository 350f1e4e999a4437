"""Pages by cursor: right while rows are added, and page 1,000 costs what page 1 does.

A cursor is opaque to the client: the sort values of the row at the page's edge, signed, so that
only what this installation gave out is ever turned into a query.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from common.api.fields import StrictSerializer, TextField

M = TypeVar("M", bound=Model)
T = TypeVar("T")

DEFAULT_SIZE = 50
MOST_SIZE = 200
FORWARD, BACKWARD = "n", "p"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows and the cursors of the pages beside them (empty where there is none)."""

    rows: Sequence[T]
    next: str
    previous: str


class PageQuery(StrictSerializer):
    """The part of the query string that chooses the page."""

    cursor = TextField(
        required=False,
        default="",
        allow_blank=True,
        max_length=2000,
        help_text="Taken from `next` or `previous`.",
    )
    page_size = serializers.IntegerField(
        required=False, default=DEFAULT_SIZE, min_value=1, max_value=MOST_SIZE
    )


def query_of(request: Request, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """Return the checked values of the query string; raises ValidationError."""
    fields = serializer().fields
    given: dict[str, Any] = {}
    for name, sent in request.query_params.lists():
        takes_several = isinstance(fields.get(name), serializers.MultipleChoiceField)
        if len(sent) > 1 and not takes_several:
            raise ValidationError({name: ["Give this once."]})
        given[name] = sent if takes_several else sent[0]
    query = serializer(data=given)
    query.is_valid(raise_exception=True)
    values: dict[str, Any] = query.validated_data
    return values


def page_document(request: Request, page: Page[Any], rows: Any) -> dict[str, Any]:
    """Return the body of a page: addresses of its neighbours, and its rows as serialized."""
    return {
        "next": _address(request, page.next),
        "previous": _address(request, page.previous),
        "results": rows,
    }


def bad_cursor() -> ValidationError:
    return ValidationError({"cursor": ["This is no cursor of this list: start without one."]})


def keyset_page(rows: QuerySet[M], *, order: Sequence[str], cursor: str, size: int) -> Page[M]:
    """Return the page of `rows` behind `cursor` (the first one when it is empty).

    `order` names fields without nulls, "-" for descending, and tells any two rows apart.
    """
    salt = f"{rows.model._meta.label}:{','.join(order)}"
    direction, edge = _read(cursor, salt, len(order)) if cursor else (FORWARD, None)
    is_forward = direction == FORWARD
    wanted = order if is_forward else [_reversed(name) for name in order]
    found = rows.order_by(*wanted)
    if edge is not None:
        found = found.filter(_behind(wanted, edge))
    shown = list(found[: size + 1])
    has_more, shown = len(shown) > size, shown[:size]
    if not is_forward:
        shown.reverse()
    has_next = has_more if is_forward else edge is not None
    has_previous = edge is not None if is_forward else has_more
    return Page(
        rows=shown,
        next=_write(FORWARD, shown[-1], order, salt) if shown and has_next else "",
        previous=_write(BACKWARD, shown[0], order, salt) if shown and has_previous else "",
    )


def _behind(order: Sequence[str], edge: Sequence[Any]) -> Q:
    """Rows that come after `edge`: (a > x) or (a = x and b > y) or ..."""
    condition, equal = Q(), Q()
    for name, value in zip(order, edge, strict=True):
        field = name.removeprefix("-")
        comparison = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{field}__{comparison}": value})
        equal &= Q(**{field: value})
    return condition


def _reversed(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _write(direction: str, row: Model, order: Sequence[str], salt: str) -> str:
    values = [getattr(row, name.removeprefix("-")) for name in order]
    return signing.dumps([direction, *values], salt=salt)


def _read(cursor: str, salt: str, length: int) -> tuple[str, list[Any]]:
    try:
        direction, *edge = signing.loads(cursor, salt=salt)
    except (signing.BadSignature, ValueError):
        raise bad_cursor() from None
    if len(edge) != length:
        raise bad_cursor()
    return direction, edge


def _address(request: Request, cursor: str) -> str | None:
    if not cursor:
        return None
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")

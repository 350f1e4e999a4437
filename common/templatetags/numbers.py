"""Numbers in pages: `{% load numbers %}`. What was not measured is a dash, never a zero."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeGuard

from django import template

from common.figures import compact_number, grouped_number
from common.figures import percent as percent_words

register = template.Library()

NOT_KNOWN = "–"  # noqa: RUF001 - an en dash is the typographer's sign for a missing figure


def _is_number(value: object) -> TypeGuard[float]:
    """Whether a figure is there: None and what Django puts for a missing variable are not."""
    return isinstance(value, int | float | Decimal)


@register.filter
def number(value: object, digits: int = 0) -> str:
    """`{{ 12345|number }}` is 12,345; `{{ 0.456|number:2 }}` is 0.46."""
    return grouped_number(value, digits) if _is_number(value) else NOT_KNOWN


@register.filter
def compact(value: object) -> str:
    """`{{ 12345|compact }}` is 12.3k."""
    return compact_number(value) if _is_number(value) else NOT_KNOWN


@register.filter
def hours(value: object) -> str:
    """`{{ 3.25|hours }}` is 3.3 and `{{ 120.4|hours }}` is 120: no false precision."""
    if not _is_number(value):
        return NOT_KNOWN
    return grouped_number(value, 1 if 0 < value < 10 and value % 1 else 0)


@register.filter
def percent(ratio: object) -> str:
    """`{{ 0.123|percent }}` is 12 %."""
    return percent_words(ratio) if _is_number(ratio) else NOT_KNOWN


@register.filter
def counted(value: float, words: str) -> str:
    """`{{ n|counted:"file,files" }}` is "1 file" or "2,894 files"."""
    one, many = words.split(",")
    return f"{grouped_number(value)} {one if value == 1 else many}"


@register.filter
def word(key: str, words: Mapping[str, str]) -> str:
    """`{{ "too_large"|word:reasons }}` looks a stored code up; an unknown one stays as it is."""
    return words.get(key, key)

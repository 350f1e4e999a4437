"""Fields and serializers that accept what the schema says and nothing else.

The framework's own are lenient: numbers become text, text becomes numbers, and a misspelt name
is ignored, so that a caller believes to have changed what was left alone.
"""

import re
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_INTEGER = 2**31 - 1


class TextField(serializers.CharField):
    """Text only: a number is refused, not turned into text."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)


class WordField(serializers.ChoiceField):
    """One word of a closed set."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class DayField(serializers.DateField):
    """A day as YYYY-MM-DD."""

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class WholeNumberField(serializers.IntegerField):
    """A whole number; neither text nor true and false."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_value": MOST_INTEGER, **options})

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """True or false, and no word for them."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "number", "minimum": 0})
class HoursField(serializers.DecimalField):
    """Hours as a JSON number with at most two decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": None, "decimal_places": None, **options})

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)

    def to_representation(self, value: Any) -> Any:
        return None if value is None else float(value)


class StrictSerializer(serializers.Serializer[Any]):
    """The body of a request: an unknown name is an error."""

    default_error_messages: ClassVar = {"unknown": "There is no such field."}

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if not unknown:
            return super().to_internal_value(data)
        message = self.error_messages["unknown"]
        errors: dict[str, Any] = {_shown(name): [message] for name in unknown[:20]}
        try:
            super().to_internal_value(data)
        except serializers.ValidationError as error:
            # Everything that is wrong in one answer.
            errors |= error.detail if isinstance(error.detail, dict) else {}
        raise serializers.ValidationError(errors, code="unknown")


class StrictSerializerSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # the library's hook has no types
    """Says in the schema that unknown names are refused."""

    target_class = StrictSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


def _shown(name: str) -> str:
    # The name comes from a stranger: keep the answer short and encodable.
    return name[:60].encode("utf-8", "replace").decode("utf-8")

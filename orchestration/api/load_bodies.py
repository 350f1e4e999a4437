"""What the API takes and says of loads and of what repayments brought."""

from typing import Any

from rest_framework import serializers

from common.api.fields import StrictSerializer, TextField, WholeNumberField, WordField
from common.api.pagination import PageQuery
from orchestration.api.answers import Answer
from orchestration.api.bodies import debt_id
from orchestration.domain.capabilities import Metric
from orchestration.models import LoadObservation, LoadSource, Measurement

METRICS = [(one.value, one.value) for one in Metric]
SIDES = [("before", "before"), ("after", "after")]
DEFAULT_WINDOW = 3600


class NumberField(serializers.FloatField):
    """A JSON number; neither text nor true and false."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class MomentField(serializers.DateTimeField):
    """A moment as ISO 8601 text."""

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        return super().to_internal_value(value)


class LoadRequest(StrictSerializer):
    """The highest value of a metric in a window of time."""

    system = TextField(max_length=100, required=False, allow_blank=True, default="")
    resource = WholeNumberField(
        required=False, min_value=1, help_text="A resource's id, instead of a system."
    )
    metric = WordField(choices=METRICS)
    value = NumberField()
    at = MomentField(required=False, help_text="The end of the window; left out, now.")
    window_seconds = WholeNumberField(required=False, min_value=1, default=DEFAULT_WINDOW)


class LoadsQuery(PageQuery):
    system = TextField(max_length=100, required=False, allow_blank=True, default="")
    metric = serializers.ChoiceField(choices=METRICS, required=False, allow_blank=True, default="")
    resource = serializers.IntegerField(
        required=False, min_value=1, max_value=10**18 - 1, default=None
    )


class LoadSerializer(Answer):
    id = serializers.IntegerField()
    system = serializers.CharField()
    environment = serializers.CharField(allow_null=True)
    resource = serializers.IntegerField(allow_null=True)
    metric = serializers.ChoiceField(choices=METRICS)
    value = serializers.FloatField()
    at = serializers.DateTimeField()
    window_seconds = serializers.IntegerField()
    origin = serializers.CharField(help_text="api, page, probe, or prometheus with a source's id.")


def load_document(one: LoadObservation) -> dict[str, Any]:
    resource = one.resource
    return {
        "id": one.pk,
        "system": one.system,
        "environment": resource.environment.reference if resource else None,
        "resource": one.resource_id,
        "metric": one.metric,
        "value": one.value,
        "at": one.at,
        "window_seconds": one.window_seconds,
        "origin": one.source,
    }


class LoadSourceRequest(StrictSerializer):
    system = TextField(max_length=100)
    metric = WordField(choices=METRICS)
    url = TextField(max_length=500, help_text="Where Prometheus is, without /api.")
    query = TextField(max_length=1000, help_text="PromQL; of several series the highest counts.")


class LoadSourceSerializer(Answer):
    id = serializers.IntegerField()
    system = serializers.CharField()
    metric = serializers.ChoiceField(choices=METRICS)
    url = serializers.CharField()
    query = serializers.CharField()
    asked_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(help_text="Empty when it answered the last time.")
    created_at = serializers.DateTimeField()


def source_document(one: LoadSource) -> dict[str, Any]:
    names = ("system", "metric", "url", "query", "asked_at", "last_error", "created_at")
    return {"id": one.pk, **{name: getattr(one, name) for name in names}}


class MeasurementRequest(StrictSerializer):
    """A figure of a debt, before or after its repayment."""

    debt = TextField(max_length=200, help_text="The reference of a debt.")
    name = TextField(max_length=100)
    side = WordField(choices=SIDES)
    value = NumberField()
    unit = TextField(max_length=30, required=False, allow_blank=True, default="")
    note = TextField(max_length=500, required=False, allow_blank=True, default="")
    environment = TextField(max_length=64, required=False, allow_blank=True, default="")
    at = MomentField(required=False, default=None, help_text="Left out, now.")

    def validate_debt(self, reference: str) -> int | None:
        return debt_id(reference)


class MeasurementsQuery(PageQuery):
    debt = TextField(max_length=200, help_text="The reference of a debt.")

    def validate_debt(self, reference: str) -> int | None:
        return debt_id(reference)


class MeasurementSerializer(Answer):
    id = serializers.IntegerField()
    debt = serializers.CharField()
    name = serializers.CharField()
    side = serializers.ChoiceField(choices=SIDES)
    value = serializers.FloatField()
    unit = serializers.CharField()
    note = serializers.CharField()
    environment = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()


def measurement_document(one: Measurement) -> dict[str, Any]:
    return {
        "id": one.pk,
        "debt": one.item.reference,
        "name": one.name,
        "side": "after" if one.is_after else "before",
        "value": one.value,
        "unit": one.unit,
        "note": one.note,
        "environment": one.environment.reference if one.environment else None,
        "at": one.at,
    }

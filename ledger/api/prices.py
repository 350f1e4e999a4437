"""What debt costs, and how good estimates were: read only."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import HoursField
from common.api.routing import Resource
from ledger import selectors
from ledger.api.views import REFERENCE
from ledger.domain import terms
from ledger.models.choices import choices_of

BASES = choices_of(terms.Basis)


class HoursRangeSerializer(serializers.Serializer[Any]):
    """P10, P50 and P90 in hours."""

    p10 = HoursField()
    p50 = HoursField()
    p90 = HoursField()


class MoneyRangeSerializer(serializers.Serializer[Any]):
    """Money a month, as decimal text, in an ISO 4217 currency."""

    p10 = serializers.DecimalField(max_digits=16, decimal_places=2)
    p50 = serializers.DecimalField(max_digits=16, decimal_places=2)
    p90 = serializers.DecimalField(max_digits=16, decimal_places=2)
    currency = serializers.CharField()


class FormulaSerializer(serializers.Serializer[Any]):
    """What gave the figure; a version never changes."""

    name = serializers.CharField()
    version = serializers.IntegerField()


class PriceSerializer(serializers.Serializer[Any]):
    """The interest of a debt; `inputs` and `assumptions` are named in the documentation."""

    interest = HoursRangeSerializer(help_text="Hours a month.")
    basis = serializers.ChoiceField(choices=BASES)
    formula = FormulaSerializer()
    cost = MoneyRangeSerializer(allow_null=True)
    paid = HoursRangeSerializer(allow_null=True, help_text="Hours lost since it was recorded.")
    snapshot_id = serializers.IntegerField(allow_null=True)
    commit_sha = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    inputs = serializers.DictField()
    assumptions = serializers.DictField()


class DebtPriceSerializer(serializers.Serializer[Any]):
    """The figure to go by, and both it was chosen from; null where there is none."""

    used = PriceSerializer(allow_null=True)
    measured = PriceSerializer(allow_null=True, help_text="Of basis measured or prior.")
    stated = PriceSerializer(allow_null=True, help_text="What a person estimated.")


class FiguresSerializer(serializers.Serializer[Any]):
    """`refusal` is empty, or says why there are no figures yet."""

    n = serializers.IntegerField()
    refusal = serializers.CharField()
    verdict = serializers.CharField()
    bias = serializers.FloatField(allow_null=True, help_text="Median of actual / estimate.")
    hits = serializers.IntegerField()
    hit_rate = serializers.FloatField(help_text="Share of actuals from P10 to P90.")
    low = serializers.FloatField(help_text="Wilson's 95 % interval of the hit rate.")
    high = serializers.FloatField()
    below = serializers.IntegerField()
    above = serializers.IntegerField()


class CalibrationSerializer(serializers.Serializer[Any]):
    principal = FiguresSerializer()
    interest = FiguresSerializer()


class CostTotalSerializer(serializers.Serializer[Any]):
    """`interest` counts an hour that several debts share once; `naive` counts it for each."""

    name = serializers.CharField()
    interest = HoursRangeSerializer(help_text="Hours a month.")
    naive = HoursField()
    items = serializers.IntegerField()
    places = serializers.IntegerField()


class CostsSerializer(serializers.Serializer[Any]):
    whole = CostTotalSerializer()
    systems = CostTotalSerializer(many=True)
    owners = CostTotalSerializer(many=True)
    assumptions = serializers.DictField()


class DebtPrice(Resource):
    @extend_schema(
        operation_id="debts_price",
        summary="What waiting for a debt's repayment costs",
        parameters=[REFERENCE],
        responses=DebtPriceSerializer,
    )
    def retrieve(self, request: Request, reference: str) -> Response:
        item = selectors.debt_by_reference(reference)
        measured, stated = selectors.measured_price(item.pk), selectors.stated_price(item.pk)
        found = {
            "used": selectors.price_of(item.pk), "measured": measured, "stated": stated,
        }  # fmt: skip
        return Response(DebtPriceSerializer(found).data)


class Costs(Resource):
    @extend_schema(
        operation_id="costs",
        summary="What all open debt costs, by system and owner",
        responses=CostsSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        found = {
            "whole": selectors.dashboard_cost(),
            "systems": selectors.interest_by("system"),
            "owners": selectors.interest_by("owner"),
            "assumptions": selectors.assumptions().document(),
        }
        return Response(CostsSerializer(found).data)


class CalibrationView(Resource):
    @extend_schema(
        operation_id="calibration",
        summary="How good the estimates of paid debt were",
        responses=CalibrationSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return Response(CalibrationSerializer(selectors.calibration_report()).data)

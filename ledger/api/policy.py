"""The policy and its waivers: HTTP in, one service or selector call, JSON out."""

from collections.abc import Callable
from decimal import Decimal

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from analysis.selectors import repository_by_key
from common import clock
from common.api.concurrency import etag, expected_version
from common.api.fields import StrictSerializer, TextField
from common.api.openapi import ETAG_HEADER, IF_MATCH_REQUIRED, LOCATION_HEADER, page_of
from common.api.pagination import Page, PageQuery, keyset_page, page_document, query_of
from common.api.routing import Resource
from common.errors import NotFound
from ledger import selectors, services
from ledger.api import policy_bodies as bodies
from ledger.domain.history import Json
from ledger.domain.policy import Rule
from ledger.models import Waiver

ID = OpenApiParameter(
    "id", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}, OpenApiParameter.PATH
)


class PolicyQuery(StrictSerializer):
    repository = TextField(
        max_length=140, required=False, allow_blank=True, default="", help_text="Slug or id."
    )

    def validate_repository(self, key: str) -> int | None:
        try:
            return repository_by_key(key).pk if key else None
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None


class PolicyView(Resource):
    @extend_schema(
        operation_id="policy_retrieve",
        summary="Show the policy in force",
        parameters=[PolicyQuery, ETAG_HEADER],
        responses=bodies.PolicySerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return policy_response(query_of(request, PolicyQuery)["repository"])

    @extend_schema(
        operation_id="policy_change",
        summary="Change the policy",
        description=(
            "Needs an admin. What the body leaves out stays; the result is a new version. A "
            "level may be announced for a day to come."
        ),
        parameters=[IF_MATCH_REQUIRED, ETAG_HEADER],
        request=bodies.PolicyRequest,
        responses=bodies.PolicySerializer,
    )
    def partial_update(self, request: Request) -> Response:
        number, document = selectors.policy_document()
        body = bodies.PolicyRequest(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        note = given.pop("note", "")
        rules = {**document["rules"], **given.pop("rules", {})}
        costs = {**document["environment_costs"], **given.pop("environment_costs", {})}
        services.policy_change(
            actor=signed_in(request),
            document={**document, **given, "rules": rules, "environment_costs": costs},
            note=note,
            expected_version=expected_version(request, number, is_required=True),
        )
        return policy_response(None)


class PolicyVersions(Resource):
    @extend_schema(
        operation_id="policy_versions",
        summary="List the versions of the policy, newest first",
        parameters=[PageQuery],
        responses=page_of(bodies.PolicyVersionSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        page = keyset_page(
            selectors.policy_versions(),
            order=("-number",),
            cursor=query["cursor"],
            size=query["page_size"],
        )
        rows = bodies.PolicyVersionSerializer(page.rows, many=True).data
        return Response(page_document(request, page, rows))


class Systems(Resource):
    @extend_schema(
        operation_id="policy_systems",
        summary="List the systems with what their debt costs against their ceiling",
        responses=page_of(bodies.SystemLoadSerializer),
    )
    def list(self, request: Request) -> Response:
        loads = selectors.system_loads()
        rows = bodies.SystemLoadSerializer(loads, many=True).data
        return Response(page_document(request, Page(loads, next="", previous=""), rows))


class Waivers(Resource):
    lookup_field = "id"
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(
        operation_id="waivers_list",
        summary="List the waivers, those that are over included",
        parameters=[PageQuery],
        responses=page_of(bodies.WaiverSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        page = keyset_page(
            selectors.waivers_all(),
            order=("-id",),
            cursor=query["cursor"],
            size=query["page_size"],
        )
        rows = bodies.WaiverSerializer(page.rows, many=True).data
        return Response(page_document(request, page, rows))

    @extend_schema(
        operation_id="waivers_create",
        summary="Ask for a waiver",
        description="Needs a contributor. It holds once an approver who did not ask agrees.",
        parameters=[IDEMPOTENCY_KEY, LOCATION_HEADER],
        request=bodies.WaiverRequest,
        responses={201: bodies.WaiverSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        body = bodies.WaiverRequest(data=request.data)
        body.is_valid(raise_exception=True)
        waiver = services.waiver_ask(actor=signed_in(request), **body.validated_data)
        location = reverse("api:waivers-detail", args=[waiver.pk])
        return Response(
            bodies.WaiverSerializer(waiver).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": location},
        )

    @extend_schema(
        operation_id="waivers_retrieve",
        summary="Show a waiver",
        parameters=[ID],
        responses=bodies.WaiverSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return Response(bodies.WaiverSerializer(selectors.waiver_get(int(id))).data)

    @extend_schema(
        operation_id="waivers_approve",
        summary="Let a waiver hold",
        description="Needs an approver who did not ask for it.",
        parameters=[ID],
        request=None,
        responses=bodies.WaiverSerializer,
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _decided(services.waiver_approve, request, id)

    @extend_schema(
        operation_id="waivers_end",
        summary="Decline a waiver, or withdraw it before its day",
        description="Needs an approver, or the person who asked for it.",
        parameters=[ID],
        request=None,
        responses=bodies.WaiverSerializer,
    )
    @action(detail=True, methods=["post"])
    def end(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _decided(services.waiver_end, request, id)


def policy_response(repository_id: int | None) -> Response:
    """Answer with the policy of today, and its version."""
    number, document = selectors.policy_document()
    policy, today = selectors.policy_in_force(repository_id=repository_id), clock.today()
    levels = {rule.value: policy.enforcement(rule, today).value for rule in Rule}
    body = {"version": number, **_plain(document), "in_force": levels}
    return Response(body, headers={"ETag": etag(number)})


def _plain(document: Json) -> Json:
    """The document with its decimals as numbers."""
    share = document["ceiling_share"]
    capacities = {name: float(hours) for name, hours in document["capacities"].items()}
    return {
        **document,
        "ceiling_share": None if share is None else float(Decimal(share)),
        "hours_per_person": float(document["hours_per_person"]),
        "capacities": capacities,
        "environment_costs": {
            name: None if limit is None else float(limit)
            for name, limit in document["environment_costs"].items()
        },
    }


def _decided(service: Callable[..., Waiver], request: Request, number: str) -> Response:
    waiver = service(actor=signed_in(request), waiver_id=int(number))
    return Response(bodies.WaiverSerializer(waiver).data)

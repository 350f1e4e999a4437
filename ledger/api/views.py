"""Debts: HTTP in, one service or selector call, JSON out."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from analysis.selectors import whole_snapshot_document
from common.api.concurrency import etag, expected_version
from common.api.openapi import (
    ETAG_HEADER,
    IF_MATCH,
    IF_MATCH_REQUIRED,
    LOCATION_HEADER,
    page_of,
)
from common.api.pagination import Page, keyset_page, page_document, query_of
from common.api.routing import Resource
from ledger import selectors, services
from ledger.api import requests
from ledger.api.serializers import DebtDetailSerializer, DebtSerializer, EventSerializer
from ledger.models import DebtItem

KEY = r"[-a-zA-Z0-9]{1,63}"
REFERENCE = OpenApiParameter(
    "reference",
    {"type": "string", "pattern": f"^{KEY}$"},
    OpenApiParameter.PATH,
    description="D-000123, its number, or its id in the code if no other repository uses it.",
)
V = TypeVar("V", bound=Callable[..., Any])
Body = type[Serializer[Any]]


def debt_response(item: DebtItem, **options: Any) -> Response:
    """Answer with a debt as it is now, and its version."""
    headers = {"ETag": etag(item.version), **options.pop("headers", {})}
    return Response(DebtSerializer(item).data, headers=headers, **options)


def checked(body: Body, request: Request) -> dict[str, Any]:
    """Return the checked values of the body; raises ValidationError."""
    serializer = body(data=request.data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def step(name: str, summary: str, body: Body | None = None) -> Callable[[V], V]:
    """Decorate the method of a step in the life of a debt: POST debts/<reference>/<name>."""

    def decorate(method: V) -> V:
        described = extend_schema(
            operation_id=f"debts_{name.replace('-', '_')}",
            summary=summary,
            description=method.__doc__,
            parameters=[REFERENCE, IF_MATCH, ETAG_HEADER],
            request=body,
            responses=DebtSerializer,
        )
        routed: Any = described(action(detail=True, methods=["post"], url_path=name)(method))
        return cast("V", routed)

    return decorate


class Debts(Resource):
    lookup_field = "reference"
    lookup_value_regex = KEY

    @extend_schema(
        operation_id="debts_list",
        summary="List the debts",
        parameters=[requests.DebtsQuery],
        responses=page_of(DebtSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, requests.DebtsQuery)
        found = selectors.debts_filtered(query["filter"])
        page = keyset_page(found, order=("id",), cursor=query["cursor"], size=query["page_size"])
        return Response(page_document(request, page, DebtSerializer(page.rows, many=True).data))

    @extend_schema(
        operation_id="debts_create",
        summary="Record a debt",
        description="Needs the role contributor. The debt is proposed until somebody accepts it.",
        parameters=[IDEMPOTENCY_KEY, LOCATION_HEADER, ETAG_HEADER],
        request=requests.DebtRequest,
        responses={201: DebtSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        item = services.debt_record(
            actor=signed_in(request), **checked(requests.DebtRequest, request)
        )
        location = reverse("api:debts-detail", args=[item.reference])
        return debt_response(item, status=status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        operation_id="debts_retrieve",
        summary="Show a debt with its promises and evidence",
        parameters=[REFERENCE, ETAG_HEADER],
        responses=DebtDetailSerializer,
    )
    def retrieve(self, request: Request, reference: str) -> Response:
        detail = selectors.debt_detail(selectors.debt_by_reference(reference).pk)
        return Response(
            DebtDetailSerializer(detail).data, headers={"ETag": etag(detail.item.version)}
        )

    @extend_schema(
        operation_id="debts_describe",
        summary="Change what is said about a debt",
        description=(
            "Needs the role contributor. Only what the body names is changed; a plan is replaced "
            "as a whole. The date can be changed only while the debt is proposed."
        ),
        parameters=[REFERENCE, IF_MATCH_REQUIRED, ETAG_HEADER],
        request=requests.DescriptionRequest,
        responses=DebtSerializer,
    )
    def partial_update(self, request: Request, reference: str) -> Response:
        item = selectors.debt_by_reference(reference)
        values = checked(requests.DescriptionRequest, request)
        changed = services.debt_describe(
            actor=signed_in(request),
            item_id=item.pk,
            expected_version=expected_version(request, item.version, is_required=True),
            **values,
        )
        return debt_response(changed)

    @extend_schema(
        operation_id="debts_history",
        summary="Show everything that happened to a debt",
        parameters=[REFERENCE],
        responses=page_of(EventSerializer),
    )
    @action(detail=True)
    def history(self, request: Request, reference: str) -> Response:
        events = selectors.debt_events(selectors.debt_by_reference(reference).pk)
        page = Page(events, next="", previous="")
        return Response(page_document(request, page, EventSerializer(events, many=True).data))

    @step("activate", "Accept a proposed debt")
    def activate(self, request: Request, reference: str) -> Response:
        """Needs an approver, an owner, an allowed date, an impact, a plan and an estimate."""
        return _take(services.debt_activate, request, reference)

    @step("extend", "Promise a later date", requests.ExtensionRequest)
    def extend(self, request: Request, reference: str) -> Response:
        """Needs an approver who does not own the debt; the second time, an admin."""
        return _take(services.debt_extend, request, reference, requests.ExtensionRequest)

    @step("start-repayment", "Begin to repay")
    def start_repayment(self, request: Request, reference: str) -> Response:
        """Needs a contributor."""
        return _take(services.debt_start_repayment, request, reference)

    @step("repay", "Say that the repayment is merged", requests.ProofRequest)
    def repay(self, request: Request, reference: str) -> Response:
        """Needs a contributor, and a commit or a trailer as evidence."""
        return _take(services.debt_repay, request, reference, requests.ProofRequest)

    @step("verify", "Say that the exit condition holds", requests.ProofRequest)
    def verify(self, request: Request, reference: str) -> Response:
        """Needs a contributor for a measurement, an approver for a reviewer's word."""
        return _take(services.debt_verify, request, reference, requests.ProofRequest)

    @step("write-off", "Give up repayment", requests.ReasonRequest)
    def write_off(self, request: Request, reference: str) -> Response:
        """Needs an approver who does not own the debt."""
        return _take(services.debt_write_off, request, reference, requests.ReasonRequest)

    @step("reject", "Decline a proposed debt", requests.ReasonRequest)
    def reject(self, request: Request, reference: str) -> Response:
        """Needs an approver."""
        return _take(services.debt_reject, request, reference, requests.ReasonRequest)

    @step("roll-back", "Say that the change was taken back", requests.ReasonRequest)
    def roll_back(self, request: Request, reference: str) -> Response:
        """Needs an approver."""
        return _take(services.debt_roll_back, request, reference, requests.ReasonRequest)

    @step("reopen", "Say that the debt is back", requests.ReasonRequest)
    def reopen(self, request: Request, reference: str) -> Response:
        """Needs a contributor."""
        return _take(services.debt_reopen, request, reference, requests.ReasonRequest)

    @step("escalate", "Ask the leadership to decide", requests.ReasonRequest)
    def escalate(self, request: Request, reference: str) -> Response:
        """Needs a contributor; the state stays as it is."""
        return _take(services.debt_escalate, request, reference, requests.ReasonRequest)

    @step("review", "Review a decision that cannot be undone", requests.ReviewRequest)
    def review(self, request: Request, reference: str) -> Response:
        """Needs an approver who does not own the debt; somebody else accepts it."""
        return _take(services.debt_review, request, reference, requests.ReviewRequest)

    @step("acknowledge", "Say that you have seen what comes due")
    def acknowledge(self, request: Request, reference: str) -> Response:
        """Needs a contributor; the promise stays as it is."""
        return _take(services.debt_acknowledge, request, reference)

    @step("snooze", "Put off the reminder", requests.SnoozeRequest)
    def snooze(self, request: Request, reference: str) -> Response:
        """Needs a contributor; a week at most, twice for one promise, which stays as it is."""
        return _take(services.debt_snooze, request, reference, requests.SnoozeRequest)


def _take(
    service: Callable[..., DebtItem], request: Request, reference: str, body: Body | None = None
) -> Response:
    """Let a service take its step, at the version that the caller has seen."""
    item = selectors.debt_by_reference(reference)
    # A request that is wrong in itself is told so before its precondition is looked at.
    values = checked(body, request) if body else {}
    changed = service(
        actor=signed_in(request),
        item_id=item.pk,
        expected_version=expected_version(request, item.version),
        **values,
    )
    return debt_response(changed)


class SnapshotDocument(Resource):
    """The document of `analyse`, which ends with the debts that the code announces."""

    @extend_schema(
        operation_id="snapshots_document",
        summary="The JSON document of `analyse` for a snapshot",
        parameters=[
            OpenApiParameter("id", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}, "path")
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        document = whole_snapshot_document(snapshot_id=int(id))
        debts = selectors.snapshot_debts(snapshot_id=int(id))
        return Response({**document, "debts": debts})

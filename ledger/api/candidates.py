"""Candidates, and the extensions that are asked for: HTTP in, one call, JSON out."""

from typing import Any, ClassVar

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
from common.api.concurrency import etag, expected_version
from common.api.fields import DayField, StrictSerializer, TextField, WholeNumberField, WordField
from common.api.openapi import ETAG_HEADER, IF_MATCH, LOCATION_HEADER, page_of
from common.api.pagination import PageQuery, keyset_page, page_document, query_of
from common.api.routing import Resource
from common.errors import NotFound, Refused
from ledger import selectors, services
from ledger.api.requests import InterestRequest, ReasonRequest, reason_field
from ledger.api.serializers import DebtSerializer
from ledger.domain import terms
from ledger.domain.candidate_terms import CandidateKind, CandidateState
from ledger.domain.requests import RequestState
from ledger.models import Candidate, ExtensionRequest
from ledger.models.choices import choices_of
from ledger.services.candidates import MOST_AT_ONCE

ID = OpenApiParameter(
    "id", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}, OpenApiParameter.PATH
)
KINDS = choices_of(CandidateKind)
CANDIDATE_STATES = choices_of(CandidateState)
REQUEST_STATES = choices_of(RequestState)


class CandidateSerializer(serializers.ModelSerializer[Candidate]):
    repository = serializers.CharField(source="repository.slug")
    kind = serializers.ChoiceField(choices=KINDS)
    state = serializers.ChoiceField(choices=CANDIDATE_STATES)
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)
    debt = serializers.CharField(source="item.reference", default=None, allow_null=True)

    class Meta:
        model = Candidate
        fields: ClassVar = [
            "id", "repository", "kind", "path", "line", "text", "is_present", "first_seen_at",
            "author", "written_at", "state", "decided_by", "decided_at", "reason", "debt",
        ]  # fmt: skip


class CandidatesQuery(PageQuery):
    """Open candidates only while they stand in the code."""

    repository = TextField(
        max_length=140, required=False, allow_blank=True, default="", help_text="Slug or id."
    )
    kind = serializers.MultipleChoiceField(choices=KINDS, default=set)
    state = serializers.ChoiceField(
        choices=CANDIDATE_STATES, required=False, default=CandidateState.OPEN.value
    )
    q = TextField(max_length=200, required=False, allow_blank=True, default="")

    def validate_repository(self, key: str) -> int | None:
        try:
            return repository_by_key(key).pk if key else None
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted = selectors.CandidateFilter(
            repository_id=attrs["repository"],
            kinds=[kind for kind in CandidateKind if kind.value in attrs["kind"]],
            state=CandidateState(attrs["state"]),
            search=attrs["q"],
        )
        return {**attrs, "filter": wanted}


class DismissRequest(StrictSerializer):
    candidates = serializers.ListField(
        child=WholeNumberField(min_value=1), min_length=1, max_length=MOST_AT_ONCE
    )
    reason = TextField(max_length=500)


class DismissedSerializer(serializers.Serializer[Any]):
    dismissed = serializers.IntegerField(help_text="Those decided before are not counted.")


class PromoteRequest(StrictSerializer):
    title = TextField(max_length=200)
    owner = TextField(max_length=64, help_text="The handle of a team or person.")
    due_on = DayField()
    slug = TextField(max_length=63, help_text="The id that its annotation shall bear.")
    severity = WordField(choices=choices_of(terms.Severity), required=False, default="medium")


class Candidates(Resource):
    lookup_field = "id"
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(
        operation_id="candidates_list",
        summary="List the comments that might be debt",
        parameters=[CandidatesQuery],
        responses=page_of(CandidateSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, CandidatesQuery)
        found = selectors.candidates_filtered(query["filter"])
        page = keyset_page(found, order=("id",), cursor=query["cursor"], size=query["page_size"])
        rows = CandidateSerializer(page.rows, many=True).data
        return Response(page_document(request, page, rows))

    @extend_schema(
        operation_id="candidates_retrieve",
        summary="Show a candidate",
        parameters=[ID],
        responses=CandidateSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return Response(CandidateSerializer(selectors.candidate_get(int(id))).data)

    @extend_schema(
        operation_id="candidates_dismiss",
        summary="Dismiss candidates for good",
        description="Needs a contributor. They stay dismissed when the code around them moves.",
        request=DismissRequest,
        responses=DismissedSerializer,
    )
    @action(detail=False, methods=["post"])
    def dismiss(self, request: Request) -> Response:
        values = _checked(DismissRequest, request)
        count = services.candidates_dismiss(
            actor=signed_in(request), candidate_ids=values["candidates"], reason=values["reason"]
        )
        return Response(DismissedSerializer({"dismissed": count}).data)

    @extend_schema(
        operation_id="candidates_restore",
        summary="Take a dismissal back",
        description="Needs a contributor.",
        parameters=[ID],
        request=None,
        responses=CandidateSerializer,
    )
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        services.candidate_restore(actor=signed_in(request), candidate_id=int(id))
        return Response(CandidateSerializer(selectors.candidate_get(int(id))).data)

    @extend_schema(
        operation_id="candidates_promote",
        summary="Propose a candidate as debt",
        description="Needs a contributor. A candidate is promoted once.",
        parameters=[ID, LOCATION_HEADER, ETAG_HEADER],
        request=PromoteRequest,
        responses={201: DebtSerializer},
    )
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        values = _checked(PromoteRequest, request)
        item = services.candidate_promote(actor=signed_in(request), candidate_id=int(id), **values)
        headers = {
            "Location": reverse("api:debts-detail", args=[item.reference]),
            "ETag": etag(item.version),
        }
        return Response(DebtSerializer(item).data, status=status.HTTP_201_CREATED, headers=headers)


class ExtensionRequestSerializer(serializers.ModelSerializer[ExtensionRequest]):
    debt = serializers.CharField(source="item.reference")
    state = serializers.ChoiceField(choices=REQUEST_STATES)
    asked_by = serializers.CharField(source="asked_by.username", default=None, allow_null=True)
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)

    class Meta:
        model = ExtensionRequest
        fields: ClassVar = [
            "id", "debt", "due_on", "reason", "author", "asked_by", "commit", "requested_at",
            "state", "decided_by", "decided_at", "answer",
        ]  # fmt: skip


def _item_id(reference: str) -> int:
    try:
        return selectors.debt_by_reference(reference).pk
    except (NotFound, Refused) as error:
        raise serializers.ValidationError(error.message) from None


class AskExtensionRequest(StrictSerializer):
    debt = TextField(max_length=200, help_text="D-000123 or its id.")
    due_on = DayField()
    reason = reason_field()

    def validate_debt(self, reference: str) -> int:
        return _item_id(reference)


class ExtensionRequestsQuery(PageQuery):
    debt = TextField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="D-000123 or its id.",
    )
    state = serializers.ChoiceField(
        choices=REQUEST_STATES, required=False, default=RequestState.OPEN.value
    )

    def validate_debt(self, reference: str) -> int | None:
        return _item_id(reference) if reference else None


class AcceptExtensionRequest(StrictSerializer):
    interest = InterestRequest(help_text="What waiting costs from now on.")


class ExtensionRequests(Resource):
    lookup_field = "id"
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(
        operation_id="extension_requests_list",
        summary="List the extensions that people and commits ask for",
        parameters=[ExtensionRequestsQuery],
        responses=page_of(ExtensionRequestSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, ExtensionRequestsQuery)
        found = selectors.extension_requests_filtered(item_id=query["debt"], state=query["state"])
        page = keyset_page(found, order=("id",), cursor=query["cursor"], size=query["page_size"])
        rows = ExtensionRequestSerializer(page.rows, many=True).data
        return Response(page_document(request, page, rows))

    @extend_schema(
        operation_id="extension_requests_create",
        summary="Ask for an extension",
        description="Needs a contributor. An open request of a person is replaced by a newer one.",
        parameters=[IDEMPOTENCY_KEY],
        request=AskExtensionRequest,
        responses={201: ExtensionRequestSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values = _checked(AskExtensionRequest, request)
        asked = services.extension_ask(
            actor=signed_in(request),
            item_id=values["debt"],
            due_on=values["due_on"],
            reason=values["reason"],
        )
        body = ExtensionRequestSerializer(selectors.extension_request_get(asked.pk)).data
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="extension_requests_accept",
        summary="Extend a promise as somebody asks",
        description="Every rule of an extension holds.",
        parameters=[ID, IF_MATCH, ETAG_HEADER],
        request=AcceptExtensionRequest,
        responses=DebtSerializer,
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        values = _checked(AcceptExtensionRequest, request)
        asked = selectors.extension_request_get(int(id))
        item = services.extension_accept(
            actor=signed_in(request),
            request_id=asked.pk,
            interest=values["interest"],
            expected_version=expected_version(request, asked.item.version),
        )
        return Response(DebtSerializer(item).data, headers={"ETag": etag(item.version)})

    @extend_schema(
        operation_id="extension_requests_refuse",
        summary="Keep a promise as it is",
        description="Needs an approver who does not own the debt.",
        parameters=[ID],
        request=ReasonRequest,
        responses=ExtensionRequestSerializer,
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        values = _checked(ReasonRequest, request)
        services.extension_refuse(
            actor=signed_in(request), request_id=int(id), reason=values["reason"]
        )
        asked = selectors.extension_request_get(int(id))
        return Response(ExtensionRequestSerializer(asked).data)


def _checked(body: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = body(data=request.data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values

"""Imports and the export of the whole ledger: HTTP in, one service or selector call, out."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from common.api.fields import DayField, FlagField, StrictSerializer, TextField, WordField
from common.api.problems import fields_named
from common.api.routing import Resource
from ledger import selectors, services
from ledger.api.requests import repository_id
from ledger.domain.exchange.formats import LABELS, Format
from ledger.domain.exchange.results import ImportOrder, report_document

FORMATS = [(one.value, LABELS[one]) for one in Format]


class ImportRequest(StrictSerializer):
    """A file as text, and how to take it."""

    format = WordField(choices=FORMATS)
    content = TextField(trim_whitespace=False, help_text="The text of the file.")
    file_name = TextField(max_length=200, allow_blank=True, required=False, default="")
    source = TextField(  # type: ignore[assignment]  # a field of the file, not the serializer's own
        max_length=200,
        allow_blank=True,
        required=False,
        default="",
        help_text="What the file is called from import to import; default: its name.",
    )
    repository = TextField(max_length=140, required=False, help_text="Slug or id.")
    owner = TextField(
        max_length=64,
        allow_blank=True,
        required=False,
        default="",
        help_text="For entries that neither the file nor CODEOWNERS gives one.",
    )
    due_on = DayField(required=False, help_text="For entries without a date of their own.")
    dry_run = FlagField(required=False, default=False, help_text="Say what would happen.")

    def validate_repository(self, key: str) -> int:
        return repository_id(key)


class OutcomeSerializer(serializers.Serializer[Any]):
    """One entry of the file and its debt; no reference while it is not written."""

    row = serializers.CharField()
    reference = serializers.CharField()
    title = serializers.CharField()
    owner = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()


class RefusalSerializer(serializers.Serializer[Any]):
    """An entry that was not taken."""

    row = serializers.CharField()
    column = serializers.CharField()
    reason = serializers.CharField()


class CountsSerializer(serializers.Serializer[Any]):
    """Whole counts; of each kind the report lists the first thousand."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    vanished = serializers.IntegerField()
    closed = serializers.IntegerField()


class ImportReportSerializer(serializers.Serializer[Any]):
    """What an import did, or with `dry_run` would do."""

    schema = serializers.IntegerField()
    format = serializers.ChoiceField(choices=FORMATS)
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    encoding = serializers.CharField()
    dry_run = serializers.BooleanField()
    counts = CountsSerializer()
    created = OutcomeSerializer(many=True)
    changed = OutcomeSerializer(many=True)
    refused = RefusalSerializer(many=True)
    vanished = OutcomeSerializer(
        many=True, help_text="Open debt that this source named before and does not name now."
    )
    closed = OutcomeSerializer(many=True, help_text="Closed debt that the file still names.")
    notes = serializers.ListField(child=serializers.CharField())


class Imports(Resource):
    @extend_schema(
        operation_id="imports_create",
        summary="Import debt from a file",
        description=(
            "Needs the role contributor. Each entry becomes proposed debt; the same file again "
            "changes nothing. What can be taken is written in one transaction, and what is "
            "refused is reported. With `dry_run` nothing is written."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=ImportRequest,
        responses={200: ImportReportSerializer},
    )
    # An import asks Git before its own transaction, and one done twice adds nothing.
    @idempotent(is_atomic=False)
    def create(self, request: Request) -> Response:
        body = ImportRequest(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        order = ImportOrder(
            kind=Format(values["format"]),
            data=values["content"].encode(),
            file_name=values["file_name"],
            repository_id=values.get("repository"),
            source=values["source"],
            owner=values["owner"],
            due_on=values.get("due_on"),
        )
        with fields_named(file="content"):
            report = services.file_import(
                actor=signed_in(request), order=order, is_dry_run=values["dry_run"]
            )
        return Response(report_document(report))


class Export(Resource):
    @extend_schema(
        operation_id="export_retrieve",
        summary="The whole ledger with its history",
        description=(
            "One JSON document, an item to a line, sent as it is read. `verify_history --file` "
            "checks it without the database."
        ),
        responses={200: OpenApiTypes.OBJECT},
    )
    def retrieve(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse(selectors.archive_lines(), content_type="application/json")

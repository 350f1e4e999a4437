"""Sources of blueprints, and locks of the states that OpenTofu and Terraform keep."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from analysis.selectors import repository_by_key
from common import clock
from common.api.fields import StrictSerializer, TextField
from common.api.openapi import page_of
from common.api.pagination import PageQuery, keyset_page, page_document, query_of
from common.api.routing import Resource
from common.errors import NotFound
from orchestration.api import bodies
from orchestration.api.answers import Answer
from orchestration.api.bodies import ID, NUMBER, checked
from orchestration.models import BlueprintSource, StateFile
from orchestration.selectors.blueprints import sources_found
from orchestration.selectors.documents import lock_document
from orchestration.selectors.targets import locks_found
from orchestration.services import blueprint_sources as services
from orchestration.services.state_files import is_at_work, lock_break

OPERATORS = "Needs an operator."


class SourceRequest(StrictSerializer):
    """A repository that is known here, and the folder that holds blueprints."""

    name = TextField(max_length=40, help_text="Its blueprints are called name/blueprint.")
    repository = TextField(max_length=140, help_text="Slug or id.")
    folder = bodies.words(200, help_text="Left out, the whole repository.")

    def validate_repository(self, key: str) -> int:
        try:
            return repository_by_key(key).pk
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None


class SourceSerializer(Answer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    repository = serializers.CharField(help_text="The slug of the repository.")
    folder = serializers.CharField()
    commit = serializers.CharField(help_text="What was read last; empty before.")
    read_at = serializers.DateTimeField(allow_null=True)
    problems = serializers.ListField(child=serializers.CharField())


class LockSerializer(Answer):
    id = serializers.IntegerField(help_text="The number of the resource whose state is locked.")
    environment = serializers.CharField()
    resource = serializers.CharField()
    run = serializers.CharField(allow_null=True)
    operation = serializers.CharField()
    who = serializers.CharField()
    since = serializers.DateTimeField()
    is_at_work = serializers.BooleanField(help_text="Then it is not broken, but canceled.")


def _source(one: BlueprintSource) -> dict[str, Any]:
    document = {
        "id": one.pk,
        "name": one.name,
        "repository": one.repository.slug,
        "folder": one.folder,
        "commit": one.read_commit,
        "read_at": one.read_at,
        "problems": one.problems,
    }
    return SourceSerializer(document).data


def _lock(one: StateFile) -> dict[str, Any]:
    run = one.locked_by_run
    is_busy = run is not None and is_at_work(run, clock.now())
    document = {**lock_document(one, is_at_work=is_busy), "since": one.locked_at}
    return LockSerializer(document).data


class BlueprintSources(Resource):
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="blueprint_sources_list",
        summary="List the repositories with blueprints, by name",
        parameters=[PageQuery],
        responses=page_of(SourceSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        rows: QuerySet[BlueprintSource] = sources_found()
        page = keyset_page(rows, order=("name",), cursor=query["cursor"], size=query["page_size"])
        return Response(page_document(request, page, [_source(one) for one in page.rows]))

    @extend_schema(
        operation_id="blueprint_sources_create",
        summary="Read blueprints from a repository",
        description=f"{OPERATORS} What is read is only proposed; `problems` says what cannot be.",
        parameters=[IDEMPOTENCY_KEY],
        request=SourceRequest,
        responses={201: SourceSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values = checked(SourceRequest, request)
        made = services.source_add(
            actor=signed_in(request),
            name=values["name"],
            repository_id=values["repository"],
            folder=values["folder"],
        )
        return Response(_source(made), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="blueprint_sources_read",
        summary="Read a source again",
        description=OPERATORS,
        parameters=[ID],
        request=None,
        responses=SourceSerializer,
    )
    @action(detail=True, methods=["post"])
    def read(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        found = services.source_reread(actor=signed_in(request), source_id=int(id))
        return Response(_source(found))


class StateLocks(Resource):
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="state_locks_list",
        summary="List the locks of states that are held now",
        parameters=[PageQuery],
        responses=page_of(LockSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        page = keyset_page(
            locks_found(), order=("locked_at", "id"),
            cursor=query["cursor"], size=query["page_size"],
        )  # fmt: skip
        return Response(page_document(request, page, [_lock(one) for one in page.rows]))

    @extend_schema(
        operation_id="state_locks_break",
        summary="Take a lock away from a run that is dead",
        description=f"{OPERATORS} The log of the run says who did that, and why.",
        parameters=[ID],
        request=bodies.GiveUpRequest,
        responses={204: None},
    )
    @action(detail=True, methods=["post"], url_path="break", url_name="break")
    def free(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        reason = checked(bodies.GiveUpRequest, request)["reason"]
        lock_break(actor=signed_in(request), resource_id=int(id), reason=reason)
        return Response(status=status.HTTP_204_NO_CONTENT)

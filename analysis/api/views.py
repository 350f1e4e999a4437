"""Repositories, analyses and snapshots: HTTP in, one service or selector call, JSON out."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import require_role
from analysis import services, tasks
from analysis.api import serializers
from analysis.domain.access import ANALYSES, REGISTERS
from analysis.selectors import listings, repositories_list
from common.api.openapi import LOCATION_HEADER, page_of
from common.api.pagination import PageQuery, keyset_page, page_document, query_of
from common.api.problems import fields_named
from common.api.routing import Resource

KEY = r"[-a-zA-Z0-9_]{1,140}"
NUMBER = r"[0-9]{1,18}"
REPOSITORY = OpenApiParameter(
    "key",
    {"type": "string", "pattern": f"^{KEY}$"},
    OpenApiParameter.PATH,
    description="The slug or the id of the repository.",
)
ID = OpenApiParameter(
    "id", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}, OpenApiParameter.PATH
)


def page_response(
    request: Request,
    rows: QuerySet[Any],
    serializer: type[BaseSerializer[Any]],
    order: tuple[str, ...],
    query: dict[str, Any],
) -> Response:
    """Answer with the page of `rows` that the query string asks for."""
    page = keyset_page(rows, order=order, cursor=query["cursor"], size=query["page_size"])
    return Response(page_document(request, page, serializer(page.rows, many=True).data))


class Repositories(Resource):
    lookup_field = "key"
    lookup_value_regex = KEY

    @extend_schema(
        operation_id="repositories_list",
        summary="List the repositories",
        parameters=[PageQuery],
        responses=page_of(serializers.RepositorySerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        rows = repositories_list()
        return page_response(request, rows, serializers.RepositorySerializer, ("id",), query)

    @extend_schema(
        operation_id="repositories_create",
        summary="Register a repository",
        description=(
            "Needs the role operator. Registering the same place again answers with the "
            "repository that is there. The first analysis of it starts at once: "
            "`GET analyses?repository=...` shows how far it is."
        ),
        parameters=[IDEMPOTENCY_KEY, LOCATION_HEADER],
        request=serializers.RepositoryRequest,
        responses={201: serializers.RepositorySerializer},
    )
    # Registering twice makes one repository, and the place is probed over the network: no
    # transaction is held open meanwhile.
    @idempotent(is_atomic=False)
    def create(self, request: Request) -> Response:
        user = require_role(request, REGISTERS)
        body = serializers.RepositoryRequest(data=request.data)
        body.is_valid(raise_exception=True)
        with fields_named(location="url"):
            repository = services.repository_register(
                location=body.validated_data["url"],
                name=body.validated_data["name"],
                added_by_id=user.pk,
            )
        if repository.current_snapshot_id is None:
            tasks.analyse_soon(repository=repository, requested_by_id=user.pk)
        return Response(
            serializers.RepositorySerializer(repository).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": reverse("api:repositories-detail", args=[repository.slug])},
        )

    @extend_schema(
        operation_id="repositories_retrieve",
        summary="Show a repository",
        parameters=[REPOSITORY],
        responses=serializers.RepositorySerializer,
    )
    def retrieve(self, request: Request, key: str) -> Response:
        repository = listings.repository_by_key(key)
        return Response(serializers.RepositorySerializer(repository).data)

    @extend_schema(
        operation_id="repositories_analyse",
        summary="Analyse a repository now",
        description=(
            "Needs the role contributor. An analysis that waits or runs already is not doubled: "
            "the answer is that one. Follow its progress at `Location`."
        ),
        parameters=[REPOSITORY, LOCATION_HEADER],
        request=serializers.AnalysisRequest,
        responses={202: serializers.AnalysisSerializer},
    )
    @action(detail=True, methods=["post"])
    def analyse(self, request: Request, key: str) -> Response:
        user = require_role(request, ANALYSES)
        body = serializers.AnalysisRequest(data=request.data)
        body.is_valid(raise_exception=True)
        run = tasks.analyse_soon(
            repository=listings.repository_by_key(key),
            requested_by_id=user.pk,
            **body.validated_data,
        )
        return Response(
            serializers.AnalysisSerializer(run).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:analyses-detail", args=[run.pk])},
        )

    @extend_schema(
        operation_id="repositories_files",
        summary="The source files of the current snapshot by path.",
        parameters=[REPOSITORY, PageQuery],
        responses=page_of(serializers.FileSerializer),
    )
    @action(detail=True)
    def files(self, request: Request, key: str) -> Response:
        query = query_of(request, PageQuery)
        rows = listings.current_files(key)
        return page_response(request, rows, serializers.FileSerializer, ("path",), query)

    @extend_schema(
        operation_id="repositories_hotspots",
        summary="The files that are changed often and complex, the worst first.",
        parameters=[REPOSITORY, PageQuery],
        responses=page_of(serializers.FileSerializer),
    )
    @action(detail=True)
    def hotspots(self, request: Request, key: str) -> Response:
        query = query_of(request, PageQuery)
        rows = listings.current_hotspots(key)
        return page_response(request, rows, serializers.FileSerializer, ("-hotspot", "path"), query)

    @extend_schema(
        operation_id="repositories_modules",
        summary="The Python modules of the current snapshot by name.",
        parameters=[REPOSITORY, PageQuery],
        responses=page_of(serializers.ModuleSerializer),
    )
    @action(detail=True)
    def modules(self, request: Request, key: str) -> Response:
        query = query_of(request, PageQuery)
        rows = listings.current_modules(key)
        return page_response(request, rows, serializers.ModuleSerializer, ("name",), query)

    @extend_schema(
        operation_id="repositories_dependencies",
        summary="Which module imports which.",
        parameters=[REPOSITORY, PageQuery],
        responses=page_of(serializers.DependencySerializer),
    )
    @action(detail=True)
    def dependencies(self, request: Request, key: str) -> Response:
        query = query_of(request, PageQuery)
        rows = listings.current_dependencies(key)
        return page_response(
            request, rows, serializers.DependencySerializer, ("source", "target"), query
        )

    @extend_schema(
        operation_id="repositories_coupling",
        summary="The files that keep changing together, the most tightly coupled first.",
        parameters=[REPOSITORY, PageQuery],
        responses=page_of(serializers.CouplingSerializer),
    )
    @action(detail=True)
    def coupling(self, request: Request, key: str) -> Response:
        query = query_of(request, PageQuery)
        rows = listings.current_couplings(key)
        return page_response(
            request, rows, serializers.CouplingSerializer, ("-degree", "-shared", "a", "b"), query
        )


class Analyses(Resource):
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="analyses_list",
        summary="List the analyses, the newest first",
        parameters=[serializers.OfRepositoryQuery],
        responses=page_of(serializers.AnalysisSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, serializers.OfRepositoryQuery)
        rows = listings.runs_of(query["repository"])
        return page_response(request, rows, serializers.AnalysisSerializer, ("-id",), query)

    @extend_schema(
        operation_id="analyses_retrieve",
        summary="Show how far an analysis is",
        parameters=[ID],
        responses=serializers.AnalysisSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        run = listings.run_by_id(int(id))
        return Response(serializers.AnalysisSerializer(run).data)


class Snapshots(Resource):
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="snapshots_list",
        summary="List the snapshots, the newest first",
        parameters=[serializers.OfRepositoryQuery],
        responses=page_of(serializers.SnapshotSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, serializers.OfRepositoryQuery)
        rows = listings.snapshots_of(query["repository"])
        return page_response(request, rows, serializers.SnapshotSerializer, ("-id",), query)

    @extend_schema(
        operation_id="snapshots_retrieve",
        summary="Show the totals of a snapshot",
        parameters=[ID],
        responses=serializers.SnapshotSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        snapshot = listings.snapshot_by_id(int(id))
        return Response(serializers.SnapshotSerializer(snapshot).data)

"""People and teams, to be read: they are changed on the People page and by commands."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.api.serializers import TeamSerializer, UserSerializer
from common.api.openapi import page_of
from common.api.pagination import PageQuery, keyset_page, page_document, query_of
from common.api.routing import Resource
from common.errors import NotFound

HANDLE = r"[a-z0-9._-]{1,64}"


def handle_parameter(name: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, {"type": "string", "pattern": f"^{HANDLE}$"}, OpenApiParameter.PATH
    )


class Users(Resource):
    lookup_field = "username"
    lookup_value_regex = HANDLE

    @extend_schema(
        operation_id="users_list",
        summary="List the people, deactivated ones included",
        parameters=[PageQuery],
        responses=page_of(UserSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        rows = selectors.people(active_only=False)
        page = keyset_page(
            rows, order=("username",), cursor=query["cursor"], size=query["page_size"]
        )
        return Response(page_document(request, page, UserSerializer(page.rows, many=True).data))

    @extend_schema(
        operation_id="users_retrieve",
        summary="Show a person",
        parameters=[handle_parameter("username")],
        responses=UserSerializer,
    )
    def retrieve(self, request: Request, username: str) -> Response:
        user = selectors.user_by_name(username)
        if user is None:
            raise NotFound(f"There is no person “{username}”.")
        return Response(UserSerializer(user).data)


class Teams(Resource):
    lookup_field = "slug"
    lookup_value_regex = HANDLE

    @extend_schema(
        operation_id="teams_list",
        summary="List the teams",
        parameters=[PageQuery],
        responses=page_of(TeamSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        page = keyset_page(
            selectors.teams_with_members(),
            order=("slug",),
            cursor=query["cursor"],
            size=query["page_size"],
        )
        return Response(page_document(request, page, TeamSerializer(page.rows, many=True).data))

    @extend_schema(
        operation_id="teams_retrieve",
        summary="Show a team",
        parameters=[handle_parameter("slug")],
        responses=TeamSerializer,
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        team = selectors.teams_with_members().filter(slug=slug).first()
        if team is None:
            raise NotFound(f"There is no team “{slug}”.")
        return Response(TeamSerializer(team).data)

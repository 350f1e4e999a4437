"""Rules of what is said where, and schedules: HTTP in, one service or selector call, JSON out."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from accounts.selectors import team_by_slug
from alerts.api import route_bodies
from alerts.api.channels import ID, NUMBER, checked
from alerts.selectors.pages_rules import rule_get, rules_found
from alerts.selectors.previews import route_preview
from alerts.selectors.schedules import next_working_days, schedule_of, schedule_row
from alerts.services import routes as services
from alerts.services.schedules import schedule_update
from common.api.concurrency import etag, expected_version
from common.api.openapi import ETAG_HEADER, IF_MATCH_REQUIRED, LOCATION_HEADER, page_of
from common.api.pagination import PageQuery, keyset_page, page_document, query_of
from common.api.routing import Resource
from common.errors import NotFound

RULES = "Needs the role operator, or the lead of the rule's team."
ORGANISATION = "-"
TEAM = OpenApiParameter(
    "team",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_.]{1,64}$"},
    OpenApiParameter.PATH,
    description="The handle of a team, or - for the organisation.",
)


class Routes(Resource):
    http_method_names = [*Resource.http_method_names, "delete"]
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="routes_list",
        summary="List the rules of what is said where",
        parameters=[PageQuery],
        responses=page_of(route_bodies.RouteSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        page = keyset_page(
            rules_found(), order=("id",), cursor=query["cursor"], size=query["page_size"]
        )
        shown = route_bodies.RouteSerializer(page.rows, many=True).data
        return Response(page_document(request, page, shown))

    @extend_schema(
        operation_id="routes_create",
        summary="Make a rule, switched off",
        description=f"{RULES} Look at its preview, then switch it on.",
        parameters=[IDEMPOTENCY_KEY, LOCATION_HEADER, ETAG_HEADER],
        request=route_bodies.RouteRequest,
        responses={201: route_bodies.RouteSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values = checked(route_bodies.RouteRequest, request)
        made = services.route_create(actor=signed_in(request), **values)
        return _rule(
            made.pk,
            status=status.HTTP_201_CREATED,
            headers={"Location": reverse("api:routes-detail", args=[made.pk])},
        )

    @extend_schema(
        operation_id="routes_retrieve",
        summary="Show a rule",
        parameters=[ID, ETAG_HEADER],
        responses=route_bodies.RouteSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _rule(int(id))

    @extend_schema(
        operation_id="routes_change",
        summary="Change a rule",
        description=f"{RULES} What the body leaves out stays.",
        parameters=[ID, IF_MATCH_REQUIRED, ETAG_HEADER],
        request=route_bodies.RouteChange,
        responses=route_bodies.RouteSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        found = rule_get(int(id))
        values = checked(route_bodies.RouteChange, request)
        shown = route_bodies.RouteSerializer(found).data
        expected_version(request, version_of(shown), is_required=True)
        services.route_update(actor=signed_in(request), route_id=found.pk, **values)
        return _rule(found.pk)

    @extend_schema(
        operation_id="routes_delete",
        summary="Delete a rule",
        description=f"{RULES} What was said by it stays on record.",
        parameters=[ID],
        request=None,
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        services.route_delete(actor=signed_in(request), route_id=int(id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="routes_preview",
        summary="Show what a rule would have sent over the last 90 days",
        description="From the ledger's history, by the code that plans what is sent.",
        parameters=[ID],
        responses=route_bodies.PreviewSerializer,
    )
    @action(detail=True)
    def preview(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return Response(route_bodies.PreviewSerializer(route_preview(route=rule_get(int(id)))).data)

    @extend_schema(
        operation_id="routes_switch_on",
        summary="Switch a rule on",
        description=RULES,
        parameters=[ID],
        request=None,
        responses=route_bodies.RouteSerializer,
    )
    @action(detail=True, methods=["post"], url_path="switch-on")
    def switch_on(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        services.route_switch(actor=signed_in(request), route_id=int(id), is_on=True)
        return _rule(int(id))

    @extend_schema(
        operation_id="routes_switch_off",
        summary="Switch a rule off",
        description=RULES,
        parameters=[ID],
        request=None,
        responses=route_bodies.RouteSerializer,
    )
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        services.route_switch(actor=signed_in(request), route_id=int(id), is_on=False)
        return _rule(int(id))


class Schedules(Resource):
    lookup_field = "team"
    lookup_value_regex = r"[-a-zA-Z0-9_.]{1,64}"

    @extend_schema(
        operation_id="schedules_retrieve",
        summary="Show when a team works and is spoken to",
        parameters=[TEAM, ETAG_HEADER],
        responses=route_bodies.ScheduleSerializer,
    )
    def retrieve(self, request: Request, team: str) -> Response:
        return _schedule(team)

    @extend_schema(
        operation_id="schedules_change",
        summary="Change when a team works and is spoken to",
        description="Needs the role operator, or the lead of the team. What is left out stays.",
        parameters=[TEAM, IF_MATCH_REQUIRED, ETAG_HEADER],
        request=route_bodies.ScheduleChange,
        responses=route_bodies.ScheduleSerializer,
    )
    def partial_update(self, request: Request, team: str) -> Response:
        team_id = _team_id(team)
        given = checked(route_bodies.ScheduleChange, request)
        actor, standing = signed_in(request), _standing(team_id)
        expected_version(request, version_of(standing), is_required=True)
        schedule_update(actor=actor, team_id=team_id, **{**standing, **given})
        return _schedule(team)


def version_of(terms: Mapping[str, Any]) -> int:
    """The same for the same terms: what these say is small, and nothing else has to be stored."""
    text = json.dumps(terms, default=str, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _rule(route_id: int, **options: Any) -> Response:
    shown = route_bodies.RouteSerializer(rule_get(route_id)).data
    headers = {"ETag": etag(version_of(shown)), **options.pop("headers", {})}
    return Response(shown, headers=headers, **options)


def _team_id(slug: str) -> int | None:
    if slug == ORGANISATION:
        return None
    team = team_by_slug(slug)
    if team is None:
        raise NotFound(f"There is no team “{slug}”.")
    return team.pk


def _standing(team_id: int | None) -> dict[str, Any]:
    """The schedule that counts now, in the words of the service."""
    now = schedule_of(team_id)
    return {
        "time_zone": now.zone,
        "country": now.country,
        "subdivision": now.subdivision,
        "working_days": sorted(now.working_days),
        "speaks_at": now.speaks_at,
        "weekly_on": now.weekly_on,
        "days_off": sorted(now.days_off),
    }


def _schedule(slug: str) -> Response:
    team_id = _team_id(slug)
    standing = _standing(team_id)
    value = {
        **standing,
        "team": None if team_id is None else slug,
        "is_own": schedule_row(team_id) is not None,
        "next_working_days": next_working_days(schedule_of(team_id)),
    }
    return Response(
        route_bodies.ScheduleSerializer(value).data, headers={"ETag": etag(version_of(standing))}
    )

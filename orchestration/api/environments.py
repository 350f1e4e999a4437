"""Environments: HTTP in, one service or selector call, JSON out."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from common.api.concurrency import etag, expected_version
from common.api.fields import StrictSerializer
from common.api.openapi import ETAG_HEADER, IF_MATCH, LOCATION_HEADER, page_of
from common.api.pagination import keyset_page, page_document, query_of
from common.api.routing import Resource
from orchestration.api import answers, bodies
from orchestration.api.bodies import ENVIRONMENT, checked
from orchestration.api.runs import run_response
from orchestration.models import Environment, Run
from orchestration.selectors.documents import environment_document, environment_line
from orchestration.selectors.environments import (
    EnvironmentFilter,
    environment_get,
    environments_filtered,
)
from orchestration.services import environments as services

PLANNED_FIRST = "Needs a contributor. It is planned first, and another person approves the plan."
QUEUED: dict[str, Any] = {
    "parameters": [ENVIRONMENT, IF_MATCH, LOCATION_HEADER],
    "responses": {202: answers.RunSerializer},
}
CHANGED: dict[str, Any] = {
    "parameters": [ENVIRONMENT, IF_MATCH, ETAG_HEADER],
    "responses": answers.EnvironmentSerializer,
}


def environment_response(environment: Environment, **options: Any) -> Response:
    headers = {"ETag": etag(_version(environment)), **options.pop("headers", {})}
    document = environment_document(environment)
    return Response(answers.EnvironmentSerializer(document).data, headers=headers, **options)


def _version(environment: Environment) -> int:
    return int(environment.updated_at.timestamp() * 1_000_000)


def _found(request: Request, reference: str) -> Environment:
    """The environment, as the asker has read it. Raises NotFound and Stale."""
    environment = environment_get(reference)
    expected_version(request, _version(environment))
    return environment


def _queued(step: Callable[..., Run], request: Request, reference: str, **values: Any) -> Response:
    """Ask for a run of an environment, as the asker has read it."""
    environment = _found(request, reference)
    run = step(actor=signed_in(request), environment_id=environment.pk, **values)
    location = reverse("api:runs-detail", args=[run.reference])
    return run_response(run.pk, status=status.HTTP_202_ACCEPTED, headers={"Location": location})


def _changed(
    step: Callable[..., object], body: type[StrictSerializer], request: Request, reference: str
) -> Response:
    """Change an environment by what the body says, and show it as it is then."""
    values = checked(body, request)
    environment = _found(request, reference)
    step(actor=signed_in(request), environment_id=environment.pk, **values)
    return environment_response(environment_get(environment.pk))


class Environments(Resource):
    lookup_field = "reference"
    lookup_value_regex = bodies.REFERENCE

    @extend_schema(
        operation_id="environments_list",
        summary="List the environments, the newest first",
        parameters=[bodies.EnvironmentsQuery],
        responses=page_of(answers.EnvironmentLineSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, bodies.EnvironmentsQuery)
        wanted = EnvironmentFilter(
            state=query["state"],
            owner=query["owner"],
            team_id=query["team"],
            capability=query["capability"],
            item_id=query["debt"],
            text=query["q"],
            with_gone=query["with_gone"],
        )
        page = keyset_page(
            environments_filtered(wanted),
            order=("-id",), cursor=query["cursor"], size=query["page_size"],
        )  # fmt: skip
        rows = [environment_line(one) for one in page.rows]
        shown = answers.EnvironmentLineSerializer(rows, many=True).data
        return Response(page_document(request, page, shown))

    @extend_schema(
        operation_id="environments_create",
        summary="Ask for an environment",
        description=(
            "Needs a contributor. Nothing is built yet: a run plans it (`open_runs`), the policy "
            "looks at the plan, and another person approves it."
        ),
        parameters=[IDEMPOTENCY_KEY, LOCATION_HEADER, ETAG_HEADER],
        request=bodies.EnvironmentRequest,
        responses={201: answers.EnvironmentSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values = checked(bodies.EnvironmentRequest, request)
        run = services.environment_request(
            actor=signed_in(request),
            name=values["name"],
            owner=values["owner"],
            resources=[services.ResourceDraft(**one) for one in values["resources"]],
            purpose=values["purpose"],
            team_id=values["team"],
            days=values["days"],
            is_production=values["is_production"],
            system=values["system"],
            justification=values["justification"],
            item_id=values["debt"],
            link_role=values["role"],
            deletion_policy=values["deletion_policy"],
        )
        made = environment_get(run.environment_id)
        location = reverse("api:environments-detail", args=[made.reference])
        return environment_response(
            made, status=status.HTTP_201_CREATED, headers={"Location": location}
        )

    @extend_schema(
        operation_id="environments_retrieve",
        summary="Show an environment with its resources and outputs",
        description="Secret outputs have no value here.",
        parameters=[ENVIRONMENT, ETAG_HEADER],
        responses=answers.EnvironmentSerializer,
    )
    def retrieve(self, request: Request, reference: str) -> Response:
        return environment_response(environment_get(reference))

    @extend_schema(
        operation_id="environments_resize",
        summary="Ask for other tiers, in place",
        description=PLANNED_FIRST,
        request=bodies.EnvironmentResize,
        **QUEUED,
    )
    @action(detail=True, methods=["post"])
    def resize(self, request: Request, reference: str) -> Response:
        values = checked(bodies.EnvironmentResize, request)
        return _queued(services.environment_resize, request, reference, **values)

    @extend_schema(
        operation_id="environments_repair",
        summary="Ask for it to be made as it was declared",
        description=PLANNED_FIRST,
        request=None,
        **QUEUED,
    )
    @action(detail=True, methods=["post"])
    def repair(self, request: Request, reference: str) -> Response:
        return _queued(services.environment_repair, request, reference)

    @extend_schema(
        operation_id="environments_destroy",
        summary="Ask for everything of it to be taken away",
        description=PLANNED_FIRST,
        request=None,
        **QUEUED,
    )
    @action(detail=True, methods=["post"], url_path="destroy", url_name="destroy")
    def take_away(self, request: Request, reference: str) -> Response:
        return _queued(services.environment_destroy, request, reference)

    @extend_schema(
        operation_id="environments_check",
        summary="Look whether it is still as declared",
        description="Needs a contributor. It changes nothing, so nobody has to approve it.",
        request=None,
        **QUEUED,
    )
    @action(detail=True, methods=["post"])
    def check(self, request: Request, reference: str) -> Response:
        return _queued(services.environment_check, request, reference)

    @extend_schema(
        operation_id="environments_verify",
        summary="Connect to everything and see that it works",
        description="Needs a contributor. It changes nothing, so nobody has to approve it.",
        request=None,
        **QUEUED,
    )
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, reference: str) -> Response:
        return _queued(services.environment_verify, request, reference)

    @extend_schema(
        operation_id="environments_extend",
        summary="Keep it for more days",
        request=bodies.EnvironmentExtension,
        **CHANGED,
    )
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, reference: str) -> Response:
        return _changed(
            services.environment_extend, bodies.EnvironmentExtension, request, reference
        )

    @extend_schema(
        operation_id="environments_promote",
        summary="Keep it for good, with an owner",
        request=bodies.EnvironmentPromotion,
        **CHANGED,
    )
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, reference: str) -> Response:
        return _changed(
            services.environment_promote, bodies.EnvironmentPromotion, request, reference
        )

    @extend_schema(
        operation_id="environments_orphan",
        summary="Give it up and leave it standing",
        description="Needs an operator.",
        request=bodies.GiveUpRequest,
        **CHANGED,
    )
    @action(detail=True, methods=["post"])
    def orphan(self, request: Request, reference: str) -> Response:
        return _changed(services.environment_orphan, bodies.GiveUpRequest, request, reference)

    @extend_schema(
        operation_id="environments_adopt",
        summary="Take over what was given up, or whose owner left",
        description=(
            "Needs an approver. It is looked at by a run (`open_runs`) before it counts as working "
            "again."
        ),
        request=bodies.EnvironmentAdoption,
        **CHANGED,
    )
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, reference: str) -> Response:
        return _changed(services.environment_adopt, bodies.EnvironmentAdoption, request, reference)

"""Loads that systems carry, who is asked for them, and what repayments brought."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from common import clock
from common.api.openapi import page_of
from common.api.pagination import PageQuery, keyset_page, page_document, query_of
from common.api.routing import Resource
from orchestration.api import load_bodies as bodies
from orchestration.api.bodies import ID, NUMBER, checked
from orchestration.selectors.environments import environment_get
from orchestration.selectors.loads import load_sources, observations
from orchestration.selectors.measurements import measurements_of
from orchestration.services import loads as services
from orchestration.services.measurements import measurement_add

OPERATORS = "Needs an operator."


class Loads(Resource):
    @extend_schema(
        operation_id="loads_list",
        summary="List what was measured, the last told first",
        parameters=[bodies.LoadsQuery],
        responses=page_of(bodies.LoadSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, bodies.LoadsQuery)
        rows = observations(
            system=query["system"], metric=query["metric"], resource_id=query["resource"]
        )
        page = keyset_page(rows, order=("-id",), cursor=query["cursor"], size=query["page_size"])
        shown = [bodies.load_document(one) for one in page.rows]
        answer = bodies.LoadSerializer(shown, many=True).data
        return Response(page_document(request, page, answer))

    @extend_schema(
        operation_id="loads_create",
        summary="Tell what a system, or a resource of an environment, carried",
        description=(
            "Needs a contributor. `value` is the highest of the window that ends `at`. The highest "
            "of 30 days decides which size is right. The same twice is one."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=bodies.LoadRequest,
        responses={201: bodies.LoadSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values = checked(bodies.LoadRequest, request)
        made = services.load_observe(
            actor=signed_in(request),
            system=values["system"],
            metric=values["metric"],
            value=values["value"],
            at=values.get("at") or clock.now(),
            window_seconds=values["window_seconds"],
            resource_id=values.get("resource"),
        )
        found = observations().get(pk=made.pk)
        shown = bodies.LoadSerializer(bodies.load_document(found)).data
        return Response(shown, status=status.HTTP_201_CREATED)


class LoadSources(Resource):
    http_method_names = [*Resource.http_method_names, "delete"]
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="load_sources_list",
        summary="List every Prometheus that is asked for loads",
        parameters=[PageQuery],
        responses=page_of(bodies.LoadSourceSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        page = keyset_page(
            load_sources(), order=("system", "metric", "id"),
            cursor=query["cursor"], size=query["page_size"],
        )  # fmt: skip
        shown = [bodies.source_document(one) for one in page.rows]
        answer = bodies.LoadSourceSerializer(shown, many=True).data
        return Response(page_document(request, page, answer))

    @extend_schema(
        operation_id="load_sources_create",
        summary="Have a Prometheus asked for the load of a system",
        description=(
            f"{OPERATORS} It is asked for the course since the last answer, at first for 30 days; "
            "plain http and inside addresses need DISPLACE_INTERNAL_HOSTS."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=bodies.LoadSourceRequest,
        responses={201: bodies.LoadSourceSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values: dict[str, Any] = checked(bodies.LoadSourceRequest, request)
        made = services.load_source_add(actor=signed_in(request), **values)
        shown = bodies.LoadSourceSerializer(bodies.source_document(made)).data
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="load_sources_delete",
        summary="Ask a Prometheus no more",
        description=f"{OPERATORS} What it said stays.",
        parameters=[ID],
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        services.load_source_remove(actor=signed_in(request), source_id=int(id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Measurements(Resource):
    @extend_schema(
        operation_id="measurements_list",
        summary="List the figures of a debt, the last told first",
        parameters=[bodies.MeasurementsQuery],
        responses=page_of(bodies.MeasurementSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, bodies.MeasurementsQuery)
        page = keyset_page(
            measurements_of(query["debt"]),
            order=("-id",), cursor=query["cursor"], size=query["page_size"],
        )  # fmt: skip
        shown = [bodies.measurement_document(one) for one in page.rows]
        answer = bodies.MeasurementSerializer(shown, many=True).data
        return Response(page_document(request, page, answer))

    @extend_schema(
        operation_id="measurements_create",
        summary="Note a figure of a debt, before or after its repayment",
        description=(
            "Needs a contributor. Of several of one name and side the newest counts; a figure "
            "keeps its unit."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=bodies.MeasurementRequest,
        responses={201: bodies.MeasurementSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values = checked(bodies.MeasurementRequest, request)
        reference = values["environment"]
        made = measurement_add(
            actor=signed_in(request),
            item_id=values["debt"],
            name=values["name"],
            value=values["value"],
            is_after=values["side"] == "after",
            unit=values["unit"],
            note=values["note"],
            environment_id=environment_get(reference).pk if reference else None,
            at=values["at"],
        )
        found = measurements_of(made.item_id).get(pk=made.pk)
        shown = bodies.MeasurementSerializer(bodies.measurement_document(found)).data
        return Response(shown, status=status.HTTP_201_CREATED)

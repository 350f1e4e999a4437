"""Runs: their plans, people's decisions, and their log."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import signed_in
from common.api.concurrency import etag, expected_version
from common.api.fields import StrictSerializer
from common.api.openapi import ETAG_HEADER, IF_MATCH, page_of
from common.api.pagination import keyset_page, page_document, query_of
from common.api.routing import Resource
from orchestration.api import answers, bodies
from orchestration.api.bodies import RUN, checked
from orchestration.models import Run
from orchestration.selectors.documents import event_document, run_document, run_line
from orchestration.selectors.lists import RunFilter, run_named, runs_found
from orchestration.selectors.runs import events_after, run_get
from orchestration.services.approving import run_approve, run_reject
from orchestration.services.canceling import run_cancel

DECIDED: dict[str, Any] = {
    "parameters": [RUN, IF_MATCH, ETAG_HEADER],
    "responses": answers.RunSerializer,
}


def run_response(run_id: int, **options: Any) -> Response:
    """A run as it is stored now; its version is the number of its newest event."""
    run = run_get(run_id)
    headers = {"ETag": etag(run.events), **options.pop("headers", {})}
    return Response(answers.RunSerializer(run_document(run)).data, headers=headers, **options)


def _found(request: Request, reference: str) -> Run:
    """The run, as the asker has read it. Raises NotFound and Stale."""
    run = run_named(reference)
    expected_version(request, run.events)
    return run


def _decided(
    step: Callable[..., object], body: type[StrictSerializer], request: Request, reference: str
) -> Response:
    """Decide about a run by what the body says, and show it as it is then."""
    values = checked(body, request)
    run = _found(request, reference)
    step(actor=signed_in(request), run_id=run.pk, **values)
    return run_response(run.pk)


class Runs(Resource):
    lookup_field = "reference"
    lookup_value_regex = bodies.REFERENCE

    @extend_schema(
        operation_id="runs_list",
        summary="List the runs, the newest first",
        parameters=[bodies.RunsQuery],
        responses=page_of(answers.RunLineSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, bodies.RunsQuery)
        wanted = RunFilter(
            states=tuple(sorted(query["state"])),
            action=query["action"],
            environment_id=query["environment"],
        )
        page = keyset_page(
            runs_found(wanted), order=("-id",), cursor=query["cursor"], size=query["page_size"]
        )
        rows = [run_line(one) for one in page.rows]
        shown = answers.RunLineSerializer(rows, many=True).data
        return Response(page_document(request, page, shown))

    @extend_schema(
        operation_id="runs_retrieve",
        summary="Show a run with its plan",
        parameters=[RUN, ETAG_HEADER],
        responses=answers.RunSerializer,
    )
    def retrieve(self, request: Request, reference: str) -> Response:
        return run_response(run_named(reference).pk)

    @extend_schema(
        operation_id="runs_events",
        summary="List the lines of a run's log after a number",
        description="They are numbered from 1 without gaps, never change, and hold no secret.",
        parameters=[RUN, bodies.EventsQuery],
        responses=answers.RunEventsSerializer,
    )
    @action(detail=True)
    def events(self, request: Request, reference: str) -> Response:
        query = query_of(request, bodies.EventsQuery)
        # Read before its lines: what it says of its end is then true of them.
        line = run_line(run_named(reference))
        rows = events_after(run_get(line["id"]), query["after"], query["limit"])
        last = rows[-1].sequence if rows else query["after"]
        document = {
            "after": last,
            "is_over": line["is_over"] and last >= line["events"],
            "state": line["state"],
            "results": [event_document(one) for one in rows],
        }
        return Response(answers.RunEventsSerializer(document).data)

    @extend_schema(
        operation_id="runs_approve",
        summary="Let a run do what its plan says",
        description=(
            "Needs an approver who did not ask for the run. `digest` is the plan's: anything else "
            "than what was read is refused."
        ),
        request=bodies.ApproveRequest,
        **DECIDED,
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        return _decided(run_approve, bodies.ApproveRequest, request, reference)

    @extend_schema(
        operation_id="runs_reject",
        summary="Refuse what a plan says, and say why",
        description="Needs an approver who did not ask for the run.",
        request=bodies.RejectRequest,
        **DECIDED,
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, reference: str) -> Response:
        return _decided(run_reject, bodies.RejectRequest, request, reference)

    @extend_schema(
        operation_id="runs_cancel",
        summary="End a run before its time",
        description=(
            "By whoever asked for it, or an approver. A cancel is no rollback: the run says what "
            "it leaves behind. Where a worker is at it, it ends once the worker has stopped."
        ),
        request=bodies.CancelRequest,
        **DECIDED,
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, reference: str) -> Response:
        return _decided(run_cancel, bodies.CancelRequest, request, reference)

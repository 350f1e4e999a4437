"""Proposals: what would prepare the refactor of a debt that comes due."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from common.api.exceptions import Refusal
from common.api.openapi import LOCATION_HEADER, page_of
from common.api.pagination import keyset_page, page_document, query_of
from common.api.routing import Resource
from common.errors import Refused
from orchestration.api import answers, bodies
from orchestration.api.bodies import ID, checked
from orchestration.api.runs import run_response
from orchestration.selectors.documents import proposal_document
from orchestration.selectors.lists import proposals_found
from orchestration.selectors.proposals import proposal_get
from orchestration.services.proposals import proposal_dismiss, proposal_take


class Proposals(Resource):
    lookup_field = "id"
    lookup_value_regex = bodies.NUMBER

    @extend_schema(
        operation_id="proposals_list",
        summary="List the proposals, the newest first",
        parameters=[bodies.ProposalsQuery],
        responses=page_of(answers.ProposalSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, bodies.ProposalsQuery)
        rows = proposals_found(states=tuple(sorted(query["state"])), item_id=query["debt"])
        page = keyset_page(rows, order=("-id",), cursor=query["cursor"], size=query["page_size"])
        shown = [proposal_document(one) for one in page.rows]
        answer = answers.ProposalSerializer(shown, many=True).data
        return Response(page_document(request, page, answer))

    @extend_schema(
        operation_id="proposals_retrieve",
        summary="Show a proposal",
        parameters=[ID],
        responses=answers.ProposalSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _shown(int(id))

    @extend_schema(
        operation_id="proposals_take",
        summary="Prepare the refactor: ask for what is proposed",
        description=(
            "Needs a contributor. Nothing is built before the run is planned and another person "
            "has approved it. What the body leaves out is as proposed. Where a blueprint asks for "
            "a value that only you know, `parameters` has to give it."
        ),
        parameters=[ID, IDEMPOTENCY_KEY, LOCATION_HEADER],
        request=bodies.ProposalTaking,
        responses={202: answers.RunSerializer},
    )
    @action(detail=True, methods=["post"])
    @idempotent()
    def take(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        values = checked(bodies.ProposalTaking, request)
        try:
            run = proposal_take(actor=signed_in(request), proposal_id=int(id), **values)
        except Refused as refusal:
            if refusal.field != "parameters":
                raise
            # Also where the body gives none: then it can be mended by giving one.
            raise Refusal({"parameters": [refusal.message]}) from None
        location = reverse("api:runs-detail", args=[run.reference])
        return run_response(run.pk, status=status.HTTP_202_ACCEPTED, headers={"Location": location})

    @extend_schema(
        operation_id="proposals_dismiss",
        summary="Say that nothing is to be prepared, and why",
        description="Needs a contributor. It is not proposed again while the needs stay.",
        parameters=[ID],
        request=bodies.ProposalDismissal,
        responses=answers.ProposalSerializer,
    )
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        reason = checked(bodies.ProposalDismissal, request)["reason"]
        proposal_dismiss(actor=signed_in(request), proposal_id=int(id), reason=reason)
        return _shown(int(id))


def _shown(proposal_id: int) -> Response:
    document = proposal_document(proposal_get(proposal_id))
    return Response(answers.ProposalSerializer(document).data)

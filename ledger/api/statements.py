"""The wording of impact over HTTP: a text judged, and sentences to say."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import StrictSerializer, TextField, WordField
from common.api.pagination import query_of
from common.api.routing import Resource
from common.errors import NotFound, Refused
from ledger import selectors
from ledger.api.views import REFERENCE
from ledger.domain.audiences import AUDIENCE_WORDS, Audience
from ledger.domain.bindings import MOST_BINDINGS
from ledger.domain.statements import MOST_CHARACTERS
from ledger.selectors.statement_documents import lint_document, suggestion_document
from ledger.selectors.statement_evidence import suggestions_for

AUDIENCES = [(one.value, AUDIENCE_WORDS[one]) for one in Audience]


def tokens_field() -> serializers.ListField:
    return serializers.ListField(
        child=TextField(max_length=4000),
        max_length=MOST_BINDINGS,
        required=False,
        default=list,
        help_text="The tokens of sentences that were offered and inserted.",
    )


class LintRequest(StrictSerializer):
    text = TextField(max_length=MOST_CHARACTERS, allow_blank=True)
    debt = TextField(
        max_length=63, required=False, help_text="A debt whose own facts may bind the numbers."
    )
    audience = WordField(choices=AUDIENCES, required=False)
    bindings = tokens_field()

    def validate_debt(self, reference: str) -> Any:
        try:
            return selectors.debt_by_reference(reference)
        except (NotFound, Refused) as error:
            raise serializers.ValidationError(error.message) from None


class FindingSerializer(serializers.Serializer[Any]):
    """`start` and `end` are places in the text, counted in characters from 0."""

    code = serializers.CharField(help_text="E1 to E5, W6 to W9, E10.")
    is_error = serializers.BooleanField(help_text="A warning never lowers the level, W6 apart.")
    message = serializers.CharField()
    advice = serializers.CharField(help_text="What to write instead.")
    match = serializers.CharField(help_text="Empty where something is missing.")
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class UnfitSerializer(serializers.Serializer[Any]):
    """A part of the text that the audience should not be given."""

    match = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    reason = serializers.CharField()


class LintSerializer(serializers.Serializer[Any]):
    linter_version = serializers.IntegerField()
    level = serializers.IntegerField(help_text="0 to 3; acceptance needs 2.")
    level_text = serializers.CharField()
    reading_ease = serializers.FloatField(allow_null=True, help_text="Flesch's.")
    next_step = serializers.CharField()
    findings = FindingSerializer(many=True)
    unfit = UnfitSerializer(many=True)


class SlotSerializer(serializers.Serializer[Any]):
    """A value as it was measured; the sentence can be made again from its slots."""

    value = serializers.CharField()
    unit = serializers.CharField()
    window = serializers.CharField()
    n = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]  # of the slot, not the field's own


class SentenceSerializer(serializers.Serializer[Any]):
    family = serializers.CharField()
    audience = serializers.ChoiceField(choices=AUDIENCES)
    text = serializers.CharField()
    template = serializers.CharField()
    locale = serializers.CharField()
    slots = serializers.DictField(child=SlotSerializer())
    token = serializers.CharField(help_text="Send it back in `bindings` with the statement.")


class SentencesSerializer(serializers.Serializer[Any]):
    results = SentenceSerializer(many=True)


class SentencesQuery(StrictSerializer):
    audience = WordField(choices=AUDIENCES, required=False, default=Audience.PRODUCT.value)


class StatementLint(Resource):
    @extend_schema(
        operation_id="statements_lint",
        summary="Judge the wording of an impact",
        description="Stores nothing. Acceptance of a debt needs level 2.",
        request=LintRequest,
        responses={200: LintSerializer},
    )
    def create(self, request: Request) -> Response:
        body = LintRequest(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        item = given.get("debt")
        audience = Audience(given["audience"]) if "audience" in given else None
        return Response(
            lint_document(given["text"], item=item, audience=audience, bindings=given["bindings"])
        )


class DebtSentences(Resource):
    @extend_schema(
        operation_id="debts_sentences",
        summary="Offer sentences from a debt's own evidence",
        parameters=[REFERENCE, SentencesQuery],
        responses=SentencesSerializer,
    )
    def retrieve(self, request: Request, reference: str) -> Response:
        audience = Audience(query_of(request, SentencesQuery)["audience"])
        found = suggestions_for(selectors.debt_by_reference(reference), audience)
        return Response({"results": [suggestion_document(one) for one in found]})

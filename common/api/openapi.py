"""What the schema says of every operation: problems, versions, pages."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_serializer
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer

from common.api.problems import MEDIA_TYPE, TYPE_PREFIX

PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": f"{TYPE_PREFIX}<code>: what to program against."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do."},
        "instance": {"type": "string", "description": "The path of the request."},
        "errors": {
            "type": "object",
            "description": "Messages by field; a nested field is `plan.milestones.0.title`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
DESCRIPTIONS = {
    400: "The request cannot be understood; `errors` says which fields.",
    401: "No valid token or session.",
    403: "The person's role does not allow it.",
    404: "There is no such thing.",
    406: "Only JSON is offered.",
    409: "A rule refuses it in the present state, or two requests met.",
    412: "It has changed since it was read.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "A rule refuses a value; `errors` says which field.",
    428: "If-Match is missing.",
    429: "Too many requests; Retry-After says when to try again.",
}
METHODS = frozenset({"get", "put", "post", "patch", "delete"})

ETAG_HEADER = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="The version; send it back as If-Match.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of what was read: refused with 412 when it has changed since.",
)
IF_MATCH_REQUIRED = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what was read, or `*`: refused with 412 when it has changed since.",
)
LOCATION_HEADER = OpenApiParameter(
    "Location",
    {"type": "string", "format": "uri-reference"},
    OpenApiParameter.HEADER,
    response=[201, 202],
    description="Where the new thing is.",
)


@cache
def page_of(row: type[BaseSerializer[Any]]) -> type[BaseSerializer[Any]]:
    """Return the serializer class of a page of rows, for the schema."""
    name = row.__name__.removesuffix("Serializer")
    fields = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": row(many=True),
        "__doc__": f"A page of rows; `next` and `previous` lead on ({name}).",
    }
    page = type(f"{name}PageSerializer", (serializers.Serializer,), fields)
    # The list is inside: without this the schema would promise a list of pages.
    return extend_schema_serializer(many=False)(page)


def add_problems(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Name the problems that each operation can answer with (a hook of drf-spectacular)."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {
        f"Problem{status}": {
            "description": description,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, description in DESCRIPTIONS.items()
    }
    for path, operations in result.get("paths", {}).items():
        for method, operation in operations.items():
            if method in METHODS:
                for status in sorted(_statuses(path, method, operation)):
                    operation["responses"].setdefault(
                        str(status), {"$ref": f"#/components/responses/Problem{status}"}
                    )
    return result


def _statuses(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[int]:
    yield from (400, 401, 406, 429)
    if "{" in path:
        yield 404
    if method != "get":
        yield from (403, 409, 413, 415, 422)
    headers = {
        one["name"]: one.get("required", False)
        for one in operation.get("parameters", ())
        if one["in"] == "header"
    }
    if "If-Match" in headers:
        yield 412
        if headers["If-Match"]:
            yield 428

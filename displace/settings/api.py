"""The HTTP API: how it answers, and what its schema says of it."""

from typing import Any

from displace.settings.environment import SITE

API_VERSION = "1"

REST_FRAMEWORK: dict[str, Any] = {
    # The first one decides what a 401 asks for.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.IsSignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.api.parsers.StrictJsonParser"],
    "DEFAULT_THROTTLE_CLASSES": [
        "accounts.api.throttles.AnonymousThrottle",
        "accounts.api.throttles.PersonThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "1200/min"},
    # With HTTPS exactly one proxy stands in front; else nobody's X-Forwarded-For is believed.
    "NUM_PROXIES": 1 if SITE.is_https else 0,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "common.api.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Displace",
    "DESCRIPTION": (
        "Repositories, what was measured in them, and the register of their technical debt. "
        "Errors are problem details (RFC 9457); lists come in pages by cursor."
    ),
    "VERSION": API_VERSION,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    # The schema is the same for everybody and says nothing about this installation.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {
        "AnalysisState": "analysis.models.AnalysisRun.State",
        "ApproverDecision": "orchestration.api.answers.DECISIONS",
        "ApproverRole": "ledger.api.policy_bodies.TIERS",
        "BlueprintVersionState": "orchestration.api.answers.VERSION_STATES",
        "CandidateKind": "ledger.api.candidates.KINDS",
        "CandidateState": "ledger.api.candidates.CANDIDATE_STATES",
        "ChannelKind": "alerts.api.bodies.KIND_NAMES",
        "CommitmentKind": "ledger.api.serializers.COMMITMENT_KINDS",
        "DebtState": "ledger.api.requests.STATES",
        "DeliveryState": "hooks.models.Delivery.State",
        "Enforcement": "ledger.api.policy_bodies.LEVELS",
        "EnvironmentState": "orchestration.api.answers.ENVIRONMENT_STATES",
        "EvidenceKind": "ledger.api.requests.EVIDENCE_KINDS",
        "ExtensionRequestState": "ledger.api.candidates.REQUEST_STATES",
        "MessageKind": "alerts.api.bodies.DELIVERY_KINDS",
        "MessageState": "alerts.api.bodies.DELIVERY_STATES",
        "PlanFidelity": "orchestration.api.answers.FIDELITIES",
        "PlannedChangeKind": "orchestration.api.answers.CHANGE_KINDS",
        "ProposalState": "orchestration.api.answers.PROPOSAL_STATES",
        "RepositoryKind": "analysis.models.Repository.Kind",
        "RoleEnum": "accounts.api.serializers.ROLES",
        "RunAction": "orchestration.api.answers.RUN_ACTIONS",
        "RunEventKind": "orchestration.api.answers.EVENT_KINDS",
        "RunState": "orchestration.api.answers.RUN_STATES",
        "ServiceToDebt": "orchestration.api.answers.LINK_ROLES",
        "SeverityEnum": "alerts.api.route_bodies.SEVERITIES",
        "WebhookKind": "hooks.api.serializers.KINDS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "common.api.openapi.add_problems",
    ],
}

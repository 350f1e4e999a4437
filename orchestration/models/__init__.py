from orchestration.models.blueprints import Blueprint, BlueprintSource, BlueprintVersion
from orchestration.models.environments import Environment, Output, Resource, StateFile, Target
from orchestration.models.links import (
    DebtLink,
    LoadObservation,
    LoadSource,
    Measurement,
    Proposal,
)
from orchestration.models.reports import RunReport
from orchestration.models.runs import Approval, Plan, Run, RunEvent

__all__ = [
    "Approval",
    "Blueprint",
    "BlueprintSource",
    "BlueprintVersion",
    "DebtLink",
    "Environment",
    "LoadObservation",
    "LoadSource",
    "Measurement",
    "Output",
    "Plan",
    "Proposal",
    "Resource",
    "Run",
    "RunEvent",
    "RunReport",
    "StateFile",
    "Target",
]

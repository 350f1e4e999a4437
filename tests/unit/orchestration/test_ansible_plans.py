"""What Ansible's plan says before anything is built, and how values are written for it."""

import json
from pathlib import Path

from orchestration.domain.plans import ChangeKind
from orchestration.engines.ansible import Ansible
from orchestration.engines.ansible_run import as_variables
from tests.builders.engine_jobs import job

MANIFEST = {
    "title": "PostgreSQL database",
    "declares": ["Cluster on port {port}: {max_connections} connections", "Odd {0} {x.y} {}"],
}


def planned(tmp_path: Path, **changes):
    values = {"manifest": MANIFEST, "parameters": {"max_connections": 200}, **changes}
    return Ansible().plan(job(tmp_path, **values)).changes


def test_a_fresh_resource_is_planned_from_what_its_blueprint_declares(tmp_path):
    cluster, odd = planned(tmp_path)

    assert cluster.kind is ChangeKind.CREATE
    assert cluster.is_predicted
    assert cluster.subject == "Cluster on port (chosen when it is built): 200 connections"
    assert odd.subject == "Odd {0} {x.y} {}"


def test_another_tier_is_planned_as_what_differs(tmp_path):
    applied = {
        "tier": "small",
        "parameters": {"max_connections": 50, "host": "${resources.db.host}", "same": 1},
    }
    parameters = {"max_connections": 200, "host": "127.0.0.1", "same": 1}

    (change,) = planned(tmp_path, applied=applied, parameters=parameters, tier="medium")

    assert change.kind is ChangeKind.UPDATE
    assert change.details == ("tier: small -> medium", "max_connections: 50 -> 200")


def test_what_stays_is_said_to_stay(tmp_path):
    applied = {"tier": "small", "parameters": {"max_connections": 200}}

    (change,) = planned(tmp_path, applied=applied)

    assert change.kind is ChangeKind.NONE


def test_what_ended_in_the_middle_of_a_change_is_made_again(tmp_path):
    applied = {"tier": "small", "parameters": {"max_connections": 200}, "in_doubt": True}

    (change,) = planned(tmp_path, applied=applied)

    assert change.kind is ChangeKind.UPDATE
    assert change.details == ("It is made again: a change of it ended in the middle.",)


def test_every_text_is_marked_however_deep_it_lies():
    written = json.loads(as_variables({"a": "x", "b": [1, {"c": "y"}], "d": True, "e": None}))

    assert written == {
        "a": {"__ansible_unsafe": "x"},
        "b": [1, {"c": {"__ansible_unsafe": "y"}}],
        "d": True,
        "e": None,
    }

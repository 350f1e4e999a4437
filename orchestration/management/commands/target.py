"""`target ACTION`: where engines build, from the command line."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandParser

from accounts.management.actors import acting
from common.commands import DisplaceCommand, add_actions
from common.errors import Refused
from common.management.setting_arguments import field_lines, values_of
from orchestration.engines.engine import Engine
from orchestration.engines.registry import ENGINES
from orchestration.management.target_arguments import ACTIONS
from orchestration.models import Target
from orchestration.selectors.documents import target_document
from orchestration.selectors.targets import (
    engine_known,
    target_by_name,
    target_get,
    targets_all,
    values_shown,
)
from orchestration.services import targets as services

Options = Mapping[str, Any]


class Command(DisplaceCommand):
    help = (
        "The places where engines build. Exit status: 0 done, 1 a target that was tried out does "
        "not answer as it should, 2 bad input. `target ACTION --help` says what an action takes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_actions(parser, ACTIONS)

    def handle(self, *_args: Any, **options: Any) -> None:
        match options["action"]:
            case "list":
                self._list(options)
            case "engines":
                self._engines(options)
            case "test":
                self._test(options)
            case "show":
                self._show(target_by_name(options["name"]), options)
            case action:
                self._show(STEPS[action](options), options)

    def _list(self, options: Options) -> None:
        found = targets_all()
        found = found.filter(engine=options["engine"]) if options["engine"] else found
        if options["json"]:
            targets = [target_document(one) for one in found]
            self.report_json({"schema": 1, "targets": targets})
            return
        for one in found:
            self.stdout.write(_line(one))

    def _engines(self, options: Options) -> None:
        found = [one for one in ENGINES.values() if options["engine"] in ("", one.name)]
        if options["json"]:
            self.report_json({"schema": 1, "engines": [_engine_document(one) for one in found]})
            return
        for engine in found:
            self.stdout.write(f"{engine.name}: {engine.label}")
            for line in field_lines(engine.fields):
                self.stdout.write(line)

    def _show(self, target: Target, options: Options) -> None:
        target = target_get(target.pk)
        if options["json"]:
            self.report_json({"schema": 1, **target_document(target)})
            return
        self.stdout.write(_line(target))
        for one in values_shown(target):
            self.stdout.write(f"  {one.field.label}: {one.text or 'not set'}")

    def _test(self, options: Options) -> None:
        target = target_by_name(options["name"])
        result = services.target_test(actor=acting(options["username"]), target_id=target.pk)
        if options["json"]:
            self.report_json(
                {"schema": 1, "is_well": result.is_well, "sentences": list(result.sentences)}
            )
        else:
            for sentence in result.sentences:
                self.stdout.write(sentence)
        if not result.is_well:
            sys.exit(1)


def _line(target: Target) -> str:
    state = "on" if target.disabled_at is None else "off"
    return f"{target.name} · {target.engine} · {state}"


def _engine_document(engine: Engine) -> dict[str, Any]:
    return {
        "engine": engine.name,
        "label": engine.label,
        "is_local": engine.is_local,
        "settings": [one.document() for one in engine.fields],
    }


def _add(options: Options) -> Target:
    engine = ENGINES[options["engine"]]
    return services.target_create(
        actor=acting(options["username"]),
        engine=engine.name,
        name=options["name"],
        values=values_of(engine.fields, options),
    )


def _set(options: Options) -> Target:
    target = target_by_name(options["name"])
    engine = engine_known(target)
    if engine is None:
        raise Refused(f"This version knows no engine “{target.engine}”.", "engine")
    values = values_of(engine.fields, options)
    if not values and options["rename"] is None:
        raise Refused("Say what changes: --rename, --set or --secret.", "values")
    return services.target_update(
        actor=acting(options["username"]),
        target_id=target.pk,
        name=options["rename"],
        values=values or None,
    )


def _switch(step: Callable[..., Target]) -> Callable[[Options], Target]:
    def switch(options: Options) -> Target:
        target = target_by_name(options["name"])
        return step(actor=acting(options["username"]), target_id=target.pk)

    return switch


STEPS: Mapping[str, Callable[[Options], Target]] = {
    "add": _add,
    "set": _set,
    "enable": _switch(services.target_enable),
    "disable": _switch(services.target_disable),
}

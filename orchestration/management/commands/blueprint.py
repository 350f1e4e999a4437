"""`blueprint ACTION`: what can be built, and who let it be, from the command line."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandParser

from accounts.management.actors import acting
from analysis.selectors.repositories import repository_by_slug
from common.commands import DisplaceCommand, add_actions
from orchestration.management.blueprint_arguments import ACTIONS
from orchestration.models import Blueprint, BlueprintSource, BlueprintVersion
from orchestration.selectors import blueprints as selectors
from orchestration.selectors.documents import blueprint_document, version_document, version_line
from orchestration.services import blueprint_sources as sources
from orchestration.services import blueprints as services

Options = Mapping[str, Any]
_DECISIONS: Mapping[str, Callable[..., BlueprintVersion]] = {
    "sign-off": services.version_sign_off,
    "refuse": services.version_refuse,
    "retire": services.version_retire,
}


class Command(DisplaceCommand):
    help = (
        "What can be built. Exit status: 0 done, 1 something in a source cannot be used, 2 bad "
        "input. `blueprint ACTION --help` says what an action takes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_actions(parser, ACTIONS)

    def handle(self, *_args: Any, **options: Any) -> None:
        match options["action"]:
            case "list":
                self._list(options)
            case "show":
                self._show(selectors.version_of(options["name"], options["number"]), options)
            case "sync":
                self._sync(options)
            case "sources":
                self._sources(options)
            case "add-source":
                self._add_source(options)
            case "read":
                source = selectors.source_named(options["name"])
                self._source(sources.source_read(source_id=source.pk), options)
            case action:
                self._decide(_DECISIONS[action], options)

    def _list(self, options: Options) -> None:
        if options["proposed"]:
            versions = selectors.versions_proposed()
            if options["json"]:
                shown = [version_line(one) for one in versions]
                self.report_json({"schema": 1, "versions": shown})
                return
            for version in versions:
                self.stdout.write(_version_text(version))
            return
        found = [
            one
            for one in selectors.blueprints_all()
            if options["capability"] in ("", one.capability)
        ]
        if options["json"]:
            self.report_json(
                {"schema": 1, "blueprints": [blueprint_document(one) for one in found]}
            )
            return
        for one in found:
            self.stdout.write(_blueprint_text(one))

    def _show(self, version: BlueprintVersion, options: Options) -> None:
        diff = selectors.version_diff(version) if options["diff"] else ""
        if options["json"]:
            said = {"diff": diff} if options["diff"] else {}
            self.report_json({"schema": 1, **version_document(version), **said})
            return
        self.stdout.write(_version_text(version))
        manifest = selectors.manifest_of(version)
        self.stdout.write(manifest.summary)
        for tier in manifest.tiers:
            carries = ", ".join(
                f"{amount:g} {metric.replace('_', ' ')}" for metric, amount in tier.capacity.items()
            )
            price = f"{tier.monthly_cost} {tier.currency} a month"
            self.stdout.write(f"  {tier.name}: {carries}; {price}")
        for path in sorted(version.files):
            self.stdout.write(f"  {path}")
        if diff:
            self.stdout.write(diff)

    def _sync(self, options: Options) -> None:
        added = services.catalogue_sync()
        if options["json"]:
            self.report_json({"schema": 1, "added": added})
        else:
            self.stdout.write(f"{added} new versions.")

    def _sources(self, options: Options) -> None:
        found = selectors.sources_all()
        if options["json"]:
            self.report_json({"schema": 1, "sources": [_source_document(one) for one in found]})
            return
        for one in found:
            self.stdout.write(_source_text(one))

    def _add_source(self, options: Options) -> None:
        repository = repository_by_slug(options["repository"])
        source = sources.source_add(
            actor=acting(options["username"]),
            name=options["name"],
            repository_id=repository.pk,
            folder=options["folder"],
        )
        self._source(source, options)

    def _source(self, source: BlueprintSource, options: Options) -> None:
        if options["json"]:
            self.report_json({"schema": 1, **_source_document(source)})
        else:
            self.stdout.write(_source_text(source))
            for problem in source.problems:
                self.stdout.write(f"  {problem}")
        if source.problems:
            sys.exit(1)

    def _decide(self, step: Callable[..., BlueprintVersion], options: Options) -> None:
        version = selectors.version_of(options["name"], options["number"])
        actor = acting(options["username"])
        done = step(actor=actor, version_id=version.pk, note=options["note"])
        if options["json"]:
            self.report_json({"schema": 1, **version_line(done)})
        else:
            self.stdout.write(_version_text(done))


def _blueprint_text(blueprint: Blueprint) -> str:
    current = blueprint.current
    state = f"version {current.number}" if current else "nothing signed off"
    return f"{blueprint.name} · {blueprint.capability} · {state} · {blueprint.title}"


def _version_text(version: BlueprintVersion) -> str:
    state = version.state.replace("_", " ")
    return f"{version.blueprint.name} · version {version.number} · {state} · {version.digest}"


def _source_text(source: BlueprintSource) -> str:
    place = source.folder or "the whole repository"
    commit = source.read_commit[:12] or "nothing read yet"
    return f"{source.name} · {place} · {commit} · {len(source.problems)} problems"


def _source_document(source: BlueprintSource) -> dict[str, Any]:
    return {
        "id": source.pk,
        "name": source.name,
        "repository_id": source.repository_id,
        "folder": source.folder,
        "commit": source.read_commit,
        "read_at": source.read_at.isoformat() if source.read_at else None,
        "problems": source.problems,
    }

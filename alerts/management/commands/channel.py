"""`channel ACTION`: channels from the command line, through the services of the web."""

import sys
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from accounts import selectors as accounts_selectors
from accounts.management.actors import acting, person_named
from alerts.channels.kind import ChannelKind
from alerts.channels.registry import KINDS
from alerts.management.channel_arguments import ACTIONS
from alerts.models import Channel
from alerts.selectors import channels as selectors
from alerts.selectors.channel_documents import channel_document, kind_document
from alerts.services import channels as services
from alerts.services.delivering import test_send
from common.commands import DisplaceCommand, add_actions
from common.errors import NotFound, Refused
from common.management.setting_arguments import field_lines, values_of

Options = Mapping[str, Any]


class Command(DisplaceCommand):
    help = (
        "The places where messages go. Exit status: 0 done, 1 a test message was refused, 2 bad "
        "input. `channel ACTION --help` says what an action takes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_actions(parser, ACTIONS)

    def handle(self, *_args: Any, **options: Any) -> None:
        match options["action"]:
            case "list":
                self._list(options)
            case "kinds":
                self._kinds(options)
            case "test":
                self._test(options)
            case "delete":
                self._delete(options)
            case "show":
                self._show(selectors.channel_by_name(options["name"]), options)
            case action:
                self._show(STEPS[action](options), options)

    def _list(self, options: Options) -> None:
        found = selectors.channels_all()
        if options["kind"]:
            found = found.filter(kind=options["kind"])
        if options["json"]:
            channels = [channel_document(channel) for channel in found]
            self.report_json({"schema": 1, "channels": channels})
            return
        for channel in found:
            self.stdout.write(_line(channel))

    def _kinds(self, options: Options) -> None:
        found = [kind for kind in KINDS.values() if options["kind"] in ("", kind.name)]
        if options["json"]:
            self.report_json({"schema": 1, "kinds": [kind_document(kind) for kind in found]})
            return
        for kind in found:
            self.stdout.write(f"{kind.name}: {kind.label}")
            for line in field_lines(kind.fields):
                self.stdout.write(line)

    def _show(self, channel: Channel, options: Options) -> None:
        channel = selectors.channel_get(channel.pk)
        address = selectors.answers_url(channel)
        if options["json"]:
            self.report_json({"schema": 1, **channel_document(channel), "answers_url": address})
            return
        self.stdout.write(_line(channel))
        for one in selectors.values_shown(channel):
            self.stdout.write(f"  {one.field.label}: {one.text or 'not set'}")
        if address:
            self.stdout.write(f"  Answers are taken at {address}")

    def _test(self, options: Options) -> None:
        channel = selectors.channel_by_name(options["name"])
        result = test_send(actor=acting(options["username"]), channel_id=channel.pk)
        if options["json"]:
            self.report_json(
                {
                    "schema": 1,
                    "is_sent": result.is_sent,
                    "said": result.said,
                    "status": result.status,
                    "seconds": round(result.took, 3),
                }
            )
        else:
            done = "The service took the message" if result.is_sent else "Nothing was sent"
            status = f" ({result.status})" if result.status else ""
            words = result.advice if result.said in result.advice else result.said
            self.stdout.write(f"{done}{status}: {words or 'it said nothing'}")
        if not result.is_sent:
            sys.exit(1)

    def _delete(self, options: Options) -> None:
        channel = selectors.channel_by_name(options["name"])
        services.channel_delete(actor=acting(options["username"]), channel_id=channel.pk)
        if options["json"]:
            self.report_json({"schema": 1, "deleted": channel.name})
        else:
            self.stdout.write(f"Deleted {channel.name}.")


def _line(channel: Channel) -> str:
    whose = channel.team.slug if channel.team else ""
    whose = channel.person.username if channel.person else whose
    parts = [channel.name, channel.kind, selectors.place_shown(channel)]
    if whose:
        parts.append(f"of {whose}")
    parts.append("on" if channel.is_on else f"off: {channel.disabled_reason}")
    return " · ".join(parts)


def _add(options: Options) -> Channel:
    person = person_named(options["person"]).pk if options["person"] else None
    kind = KINDS[options["kind"]]
    return services.channel_create(
        actor=acting(options["username"]),
        kind=kind.name,
        name=options["name"],
        values=values_of(kind.fields, options),
        team_id=_team_id(options["team"]),
        person_id=person,
    )


def _set(options: Options) -> Channel:
    channel = selectors.channel_by_name(options["name"])
    values = values_of(_kind(channel).fields, options)
    if not values and not options["clear"] and options["rename"] is None:
        raise Refused("Say what changes: --rename, --set, --secret or --clear.", "values")
    return services.channel_update(
        actor=acting(options["username"]),
        channel_id=channel.pk,
        name=options["rename"],
        values=values or None,
        cleared=options["clear"],
    )


def _enable(options: Options) -> Channel:
    channel = selectors.channel_by_name(options["name"])
    return services.channel_enable(actor=acting(options["username"]), channel_id=channel.pk)


def _disable(options: Options) -> Channel:
    channel = selectors.channel_by_name(options["name"])
    return services.channel_disable(
        actor=acting(options["username"]), channel_id=channel.pk, reason=options["reason"]
    )


def _kind(channel: Channel) -> ChannelKind:
    kind = selectors.kind_known(channel)
    if kind is None:
        raise Refused(f"This version knows no kind of channel “{channel.kind}”.", "kind")
    return kind


def _team_id(slug: str) -> int | None:
    if not slug:
        return None
    team = accounts_selectors.team_by_slug(slug)
    if team is None:
        raise NotFound(f"There is no team '{slug[:100]}'.")
    return team.pk


STEPS = {"add": _add, "set": _set, "enable": _enable, "disable": _disable}

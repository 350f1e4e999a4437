"""Targets: where engines build. Made, changed, switched off and on, tried out by operators."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.connection_settings import (
    BadSettings,
    Values,
    accept,
    opened,
    opened_if_possible,
    require_secrets_anew,
    sealed,
)
from common.encryption import CannotOpen
from common.errors import Denied, NotFound, Refused, Stale
from orchestration.engines.engine import Engine, EngineFailed
from orchestration.engines.registry import ENGINES
from orchestration.models import Target
from orchestration.selectors.targets import local_name

log = logging.getLogger(__name__)

# Bytes of randomness in the address that a remote system reports to.
KEY_BYTES = 32
LONGEST_NAME = 100
MANAGES = Role.OPERATOR


@dataclass(frozen=True, slots=True)
class TargetTest:
    """What came of trying a target out: sentences for a person."""

    is_well: bool
    sentences: tuple[str, ...]


def local_target(engine: str = "ansible") -> Target:
    """This host as a target of an engine that builds here; made when it is first needed.

    Raises Refused for an engine that builds elsewhere, and where an operator switched it off.
    """
    known = _engine(engine)
    if not known.is_local:
        raise Refused(f"{known.label} builds elsewhere: name a target for it.", "resources")
    name = local_name(known)
    found, _ = Target.objects.get_or_create(
        name=name,
        defaults={"engine": engine, "key": _key(), "created_at": clock.now()},
    )
    if found.engine != engine:
        raise Refused(f"Another engine's target is called “{name}”; rename it.", "resources")
    if found.disabled_at is not None:
        raise Refused(f"The target “{name}” is switched off.", "resources")
    return found


def target_create(*, actor: User, engine: str, name: str, values: Mapping[str, str]) -> Target:
    """Make a target, switched on.

    Denied to whoever is no operator. Refused with the field at fault, which is "engine", "name" or
    one of the engine's own.
    """
    require_operator(actor)
    known = _engine(engine)
    accepted = _accepted(known, values, {})
    target = Target(
        name=_name(name),
        engine=known.name,
        options=accepted.options,
        secret=sealed(accepted.secret),
        key=_key(),
        created_at=clock.now(),
        created_by=actor,
    )
    try:
        with transaction.atomic():
            target.save(force_insert=True)
    except IntegrityError:
        raise _taken(target.name) from None
    log.info("target %s (%s) made by %s", target.name, target.engine, actor)
    return target


def target_update(
    *,
    actor: User,
    target_id: int,
    name: str | None = None,
    values: Mapping[str, str] | None = None,
) -> Target:
    """Change a target's name, its settings, or both.

    A setting that is not given, and a secret that is empty, stay as they are. Where an address
    changes to which secrets are sent, they have to be given again.
    """
    require_operator(actor)
    found = _found(target_id)
    accepted = None if values is None else _changed(found, values)
    with transaction.atomic():
        target = _locked(target_id)
        if name is not None:
            target.name = _name(name)
        if accepted is not None:
            if (target.options, target.secret) != (found.options, found.secret):
                raise Stale("Somebody else has just changed this target; look at it again.")
            target.options, target.secret = accepted.options, sealed(accepted.secret)
        try:
            with transaction.atomic():
                target.save(update_fields=("name", "options", "secret"))
        except IntegrityError:
            raise _taken(target.name) from None
    log.info("target %s changed by %s", target.name, actor)
    return target


def target_disable(*, actor: User, target_id: int) -> Target:
    """Let nothing new be built on a target. What stands there can still be taken away."""
    require_operator(actor)
    with transaction.atomic():
        target = _locked(target_id)
        if target.disabled_at is None:
            target.disabled_at = clock.now()
            target.save(update_fields=("disabled_at",))
            log.info("target %s switched off by %s", target.name, actor)
    return target


def target_enable(*, actor: User, target_id: int) -> Target:
    """Let things be built on a target again."""
    require_operator(actor)
    with transaction.atomic():
        target = _locked(target_id)
        target.disabled_at = None
        target.save(update_fields=("disabled_at",))
    log.info("target %s switched on by %s", target.name, actor)
    return target


def target_test(*, actor: User, target_id: int) -> TargetTest:
    """Ask a target whether it is there and takes the credential; nothing is built."""
    require_operator(actor)
    target = _found(target_id)
    engine = _engine(target.engine)
    missing = engine.missing({})
    if missing:
        return TargetTest(False, tuple(f"{one.what} is missing: {one.advice}" for one in missing))
    try:
        settings = settings_opened(target)
        engine.check(settings)
        return TargetTest(True, (engine.reach(settings),))
    except BadSettings as error:
        return TargetTest(False, (error.message,))
    except EngineFailed as error:
        return TargetTest(False, tuple(one for one in (error.message, error.advice) if one))
    except CannotOpen as error:
        return TargetTest(False, (error.message,))


def require_operator(actor: User) -> None:
    """Refuse whoever may not set up targets. Raises Denied."""
    if not (actor.is_active and actor.may(MANAGES)):
        raise Denied(f"This needs the role “{MANAGES.label}”.")


def settings_opened(target: Target) -> dict[str, str]:
    """What an engine takes: the credential opened. Raises CannotOpen when no key fits."""
    return {**target.options, **opened(target.secret)}


def _key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def _found(target_id: int) -> Target:
    target = Target.objects.filter(pk=target_id).first()
    if target is None:
        raise NotFound(f"There is no target {target_id}.")
    return target


def _locked(target_id: int) -> Target:
    target = Target.objects.select_for_update().filter(pk=target_id).first()
    if target is None:
        raise NotFound(f"There is no target {target_id}.")
    return target


def _engine(name: str) -> Engine:
    if name not in ENGINES:
        raise Refused(f"There is no engine “{name[:40]}”.", "engine")
    return ENGINES[name]


def _name(name: str) -> str:
    found = " ".join(name.split())
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise Refused(f"Give the target a name of at most {LONGEST_NAME} characters.", "name")
    return found


def _taken(name: str) -> Refused:
    return Refused(f"There is a target “{name}” already.", "name")


def _changed(target: Target, values: Mapping[str, str]) -> Values:
    """The settings after a change. Raises Refused."""
    engine = _engine(target.engine)
    before = opened_if_possible(target.secret)
    require_secrets_anew(engine.fields, values, target.options, before)
    return _accepted(engine, values, {**target.options, **before})


def _accepted(engine: Engine, values: Mapping[str, str], kept: Mapping[str, str]) -> Values:
    """What is given over what is kept, looked at by the engine. Raises Refused."""

    def settle(chosen: Mapping[str, str]) -> Mapping[str, str]:
        engine.check(chosen)
        return {}

    return accept(engine.fields, values, kept, label=engine.label, settle=settle)

"""Proving that a chat account belongs to a person.

The person makes a code on a page, signed in, and types it in chat. Never the other way round: a
link that the chat hands out could be sent to somebody else, whose click would then join their
account to a stranger's. Where nothing comes back from the service, a code goes there that counts
only on the page of the person who asked for it (`account_codes`).
"""

import secrets
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.selectors import User
from alerts.models import ChatIdentity, LinkCode
from alerts.selectors.identities import live_codes
from common import clock
from common.errors import NotFound, Refused

CODE_LIFETIME = timedelta(minutes=10)
CODE_LENGTH = 8
# Nothing that is read as something else: no 0, 1, I, L, O, U.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
# Codes that one person may make within CODE_LIFETIME.
MOST_CODES = 5
# Wrong codes from one chat account within GUESS_WINDOW; 30^8 stand against them.
MOST_GUESSES = 10
GUESS_WINDOW = timedelta(minutes=15)
# As the columns have it.
MOST_NAME = 255

_WRONG = (
    "This code is wrong, was used, or is older than 10 minutes; make a new one on your alerts page."
)


def code_make(*, user: User, account: str = "") -> str:
    """Make a code that links one chat account to this person; earlier ones end.

    `account`: the only one that it links (`account_mark`), and only on the person's page.
    Raises Refused for somebody who is switched off or makes many.
    """
    if not user.is_active:
        raise Refused("This account is switched off.")
    now = clock.now()
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        recent = LinkCode.objects.filter(user=user, created_at__gt=now - CODE_LIFETIME)
        if recent.count() >= MOST_CODES:
            raise Refused("You have made many codes; wait some minutes and make one then.")
        live_codes(user).update(used_at=now)
        LinkCode.objects.create(
            user=user, digest=_digest(code, account), created_at=now, expires_at=now + CODE_LIFETIME
        )
    return code


def identity_link(
    *, code: str, kind: str, workspace: str, chat_id: str, chat_name: str, account: str = ""
) -> ChatIdentity:
    """Join a chat account to whoever made the code, which is used up.

    `account` as in `code_make`: the code was made for that one.

    An account that was joined to somebody else before changes hands: whoever types in it holds
    it. Raises Refused for a code that does not count, and for many guesses.
    """
    if not chat_id.isprintable() or not 0 < len(chat_id) <= MOST_NAME:
        raise Refused("This chat account has a name that cannot be stored.", "code")
    guesses = _guesses_key(kind, workspace, chat_id)
    if cache.get(guesses, 0) >= MOST_GUESSES:
        raise Refused("That were many wrong codes; wait a quarter of an hour.", "code")
    user = _code_use(code, account)
    if user is None:
        _guess_count(guesses)
        raise Refused(_WRONG, "code")
    identity, _ = ChatIdentity.objects.update_or_create(
        kind=kind,
        workspace=workspace,
        chat_id=chat_id,
        defaults={"user": user, "chat_name": _shown(chat_name), "linked_at": clock.now()},
    )
    return identity


def account_mark(*, user: User, kind: str, workspace: str, chat_id: str) -> str:
    """What binds a code to one person and one chat account."""
    return f"{user.pk}\0{kind}\0{workspace}\0{chat_id}"


def identity_unlink(*, user: User, identity_id: int) -> None:
    """Part one of this person's chat accounts from them. Raises NotFound for any other."""
    deleted, _ = ChatIdentity.objects.filter(user=user, pk=identity_id).delete()
    if not deleted:
        raise NotFound("There is no such chat account of yours.")


def chat_account_unlink(*, kind: str, workspace: str, chat_id: str) -> bool:
    """The same, asked for in chat by the account itself; False when it was not linked."""
    rows = ChatIdentity.objects.filter(kind=kind, workspace=workspace, chat_id=chat_id)
    deleted, _ = rows.delete()
    return bool(deleted)


def _digest(code: str, account: str) -> str:
    """Keyed, since a code is too short to stand a search of all of them."""
    plain = "".join(one for one in code[:40].upper() if one.isalnum())
    value = f"{plain}\0{account}" if account else plain
    return salted_hmac("alerts.link_code", value, algorithm="sha256").hexdigest()


def _code_use(code: str, account: str) -> User | None:
    """Use the code up and return its person. Of two at once, exactly one succeeds."""
    now, digest = clock.now(), _digest(code, account)
    # The condition names columns of this row only: PostgreSQL looks at a condition on another
    # table once, before it waits for the other update, and both would succeed.
    right = LinkCode.objects.filter(digest=digest, used_at=None, expires_at__gt=now)
    if not right.update(used_at=now):
        return None
    user = LinkCode.objects.select_related("user").get(digest=digest).user
    return user if user.is_active else None


def _shown(name: str) -> str:
    """A name that the service told us, fit to be stored and shown."""
    return "".join(one for one in name if one.isprintable())[:MOST_NAME]


def _guesses_key(kind: str, workspace: str, chat_id: str) -> str:
    window = int(clock.now().timestamp() // GUESS_WINDOW.total_seconds())
    account = salted_hmac("alerts.guesses", f"{kind}\0{workspace}\0{chat_id}").hexdigest()
    return f"alerts.guesses:{account}:{window}"


def _guess_count(key: str) -> None:
    cache.add(key, 0, timeout=int(GUESS_WINDOW.total_seconds()))
    try:
        cache.incr(key)
    except ValueError:  # the cache threw the count away in between
        return

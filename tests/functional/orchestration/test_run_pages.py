"""The page of a run: steps, plan, decision and log."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from common import clock
from orchestration.domain.plans import Change, ChangeKind
from orchestration.models import Approval, Plan, Run, RunEvent
from orchestration.services.jobs import basis_of
from tests.builders.debts import make_person
from tests.builders.environments import DIGEST, make_environment, make_log, make_plan, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
SignIn = Callable[..., Client]
HOSTILE = "<script>alert(1)</script>"


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def page_of(run: Run) -> str:
    return f"/environments/runs/{run.reference}/"


def waiting_run(person: Any, *changes: Change, **terms: Any) -> Run:
    run = make_run(make_environment(state="requested"), person)
    make_plan(run, *changes, **{"basis": basis_of(run), **terms})
    return run


def test_the_plan_says_what_it_is(signed_in: SignIn) -> None:
    lost = Change(
        "db", ChangeKind.REPLACE, HOSTILE, (HOSTILE,), is_predicted=False, is_destructive=True
    )
    verdict = {"rule": "size", "text": HOSTILE, "is_refusal": False, "asks": True}
    run = waiting_run(make_person("ann"), lost, fidelity="exact", verdicts=[verdict])
    page = text_of(signed_in(Role.VIEWER).get(page_of(run)))
    assert HOSTILE not in page
    assert "the engine worked out this plan" in page
    assert "data is lost" in page
    assert "25.00 <small>EUR</small>" in page
    assert DIGEST in page
    assert "waits for a person" in page
    Plan.objects.update(fidelity="advisory")
    assert "Predicted: derived from" in text_of(signed_in(make_person("b")).get(page_of(run)))


def test_whoever_asked_does_not_approve(signed_in: SignIn) -> None:
    ann = make_person("ann", Role.APPROVER)
    run = waiting_run(ann)
    client = signed_in(ann)
    page = text_of(client.get(page_of(run)))
    assert "Whoever asks for a run does not approve it" in page
    assert "Approve this plan" not in page
    terms = {"digest": DIGEST, "decision": "approve"}
    assert client.post(f"{page_of(run)}decision/", terms).status_code == 403
    assert signed_in(Role.CONTRIBUTOR).post(f"{page_of(run)}decision/", terms).status_code == 403
    assert not Approval.objects.exists()


def test_another_approver_approves_exactly_what_was_read(signed_in: SignIn) -> None:
    run = waiting_run(make_person("ann"))
    client = signed_in(make_person("bo", Role.APPROVER))
    assert "Approve this plan" in text_of(client.get(page_of(run)))
    answer = client.post(
        f"{page_of(run)}decision/", {"digest": "another", "decision": "approve"}, follow=True
    )
    assert "read it again before you decide" in text_of(answer)
    assert not Approval.objects.exists()
    terms = {"digest": DIGEST, "decision": "approve", "reason": "Fine"}
    answer = client.post(f"{page_of(run)}decision/", terms, follow=True)
    assert "Approved. It is carried out now." in text_of(answer)
    assert "Bo approved the plan" in text_of(answer) or "bo approved the plan" in text_of(answer)
    run.refresh_from_db()
    assert run.state == "apply_queued"


def test_rejecting_needs_a_reason(signed_in: SignIn) -> None:
    run = waiting_run(make_person("ann"))
    client = signed_in(make_person("bo", Role.APPROVER))
    terms = {"digest": DIGEST, "decision": "reject"}
    assert "Say why" in text_of(client.post(f"{page_of(run)}decision/", terms, follow=True))
    answer = client.post(f"{page_of(run)}decision/", {**terms, "reason": HOSTILE}, follow=True)
    assert HOSTILE not in text_of(answer)
    assert "Talk to whoever rejected it" in text_of(answer)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("plan_failed", "Mend what is named above"),
        ("policy_failed", "Ask again with what the policy wants"),
        ("expired", "the plan is then made from how things are now"),
        ("stale", "what was approved is not what would be done now"),
        ("apply_failed", "Part of it may have been changed"),
        ("verify_failed", "does not answer as it should"),
        ("canceled", "A cancel is no way back"),
        ("indeterminate", "Nobody guesses"),
    ],
)
def test_a_bad_end_says_what_to_do(signed_in: SignIn, state: str, words: str) -> None:
    run = make_run(make_environment(), make_person("ann"), state=state, reason=HOSTILE)
    page = text_of(signed_in(Role.VIEWER).get(page_of(run)))
    assert words in page
    assert HOSTILE not in page


def test_canceling(signed_in: SignIn) -> None:
    ann = make_person("ann")
    run = waiting_run(ann)
    assert "Cancel the run" not in text_of(signed_in(Role.CONTRIBUTOR).get(page_of(run)))
    assert signed_in(make_person("cy")).post(f"{page_of(run)}cancel/").status_code == 403
    client = signed_in(ann)
    assert "Cancel the run" in text_of(client.get(page_of(run)))
    page = text_of(client.post(f"{page_of(run)}cancel/", {"reason": "Not needed"}, follow=True))
    assert "canceled it: Not needed" in page


def test_a_long_log_comes_in_parts(signed_in: SignIn, django_assert_max_num_queries: Any) -> None:
    run = make_run(make_environment(), make_person("ann"), state="applying")
    make_log(run, 20_000, HOSTILE)
    client = signed_in(Role.VIEWER)
    with django_assert_max_num_queries(12):
        answer = client.get(page_of(run))
    page = answer.content.decode()
    assert HOSTILE not in page
    assert 'id="l20000"' in page
    assert 'id="l19501"' in page
    assert 'id="l19500"' not in page
    assert "?after=19000#log-title" in page
    assert len(page) < 400_000
    seen, after = [], 0
    while after < 20_000:
        with django_assert_max_num_queries(6):
            part = client.get(f"{page_of(run)}log/?after={after}&state=applying").content.decode()
        found = [int(one.split('"')[0]) for one in part.split('id="l')[1:]]
        seen += found
        after = found[-1]
    assert seen == list(range(1, 20_001))


def test_the_live_log_brings_a_new_state_along(signed_in: SignIn) -> None:
    run = make_run(make_environment(), make_person("ann"), state="applying")
    make_log(run, 3)
    client = signed_in(Role.VIEWER)
    same = client.get(f"{page_of(run)}log/?after=3&state=applying").content.decode()
    assert "hx-swap-oob" not in same
    assert "data-log-more" in same
    Run.objects.update(state="succeeded", ended_at=clock.now())
    other = client.get(f"{page_of(run)}log/?after=3&state=applying").content.decode()
    assert 'id="standing"' in other
    assert "Go to Checkout" in other
    assert "data-log-more" not in other
    assert client.get(f"{page_of(run)}log/?after=nonsense").status_code == 200


def test_steps_have_their_moments(signed_in: SignIn) -> None:
    run = make_run(make_environment(), make_person("ann"), state="canceled", events=2)
    for number, state in enumerate(("planned", "canceled"), 1):
        RunEvent.objects.create(
            run=run,
            sequence=number,
            at=clock.now() + timedelta(seconds=number),
            kind="state",
            text="",
            data={"state": state},
        )
    page = text_of(signed_in(Role.VIEWER).get(page_of(run)))
    assert page.count("step-done") == 1
    assert page.count("step-failed") == 1


def test_nobody_finds_what_is_not_there(signed_in: SignIn) -> None:
    client = signed_in(Role.VIEWER)
    for path in ("runs/R-000099/", "runs/nonsense/", "runs/R-000099/log/"):
        assert client.get(f"/environments/{path}").status_code == 404

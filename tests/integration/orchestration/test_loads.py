"""What systems carry: told, asked of a Prometheus, seen by probes; bad answers are told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.domain.roles import Role
from common import clock
from common.errors import Denied, NotFound, Refused
from orchestration.adapters.probes import Probed, ProbeFailed
from orchestration.models import LoadObservation, LoadSource
from orchestration.selectors.loads import peak_of, peaks_of_resource
from orchestration.services import loads
from orchestration.services.loads import (
    load_observe,
    load_source_add,
    load_source_remove,
    loads_sweep,
)
from tests.builders.debts import make_person
from tests.builders.environments import make_catalogue, make_environment

pytestmark = pytest.mark.django_db


def told(person: Any, **changes: Any) -> LoadObservation:
    values = {
        "system": "checkout",
        "metric": "connections",
        "value": 31.0,
        "at": clock.now(),
        "window_seconds": 3600,
        **changes,
    }
    return load_observe(actor=person, **values)


def test_the_highest_of_thirty_days_is_the_peak() -> None:
    ann = make_person("ann")
    now = clock.now()
    told(ann, value=31.0)
    told(ann, value=12.0, at=now - timedelta(days=1))
    told(ann, value=99.0, at=now - timedelta(days=31))
    told(ann, value=7.5, metric="storage_gb")
    told(ann, value=500.0, system="other")
    assert peak_of("checkout") == {"connections": 31.0, "storage_gb": 7.5}


def test_what_was_told_twice_is_told_once() -> None:
    ann = make_person("ann")
    at = clock.now()
    assert told(ann, at=at).pk == told(ann, at=at).pk
    with pytest.raises(Refused) as refusal:
        told(ann, at=at, value=32.0)
    assert refusal.value.field == "at"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metric": "happiness"}, "metric"),
        ({"value": float("nan")}, "value"),
        ({"value": float("inf")}, "value"),
        ({"value": -1.0}, "value"),
        ({"system": " "}, "system"),
        ({"system": "a\nb"}, "system"),
        ({"system": "x" * 101}, "system"),
        ({"window_seconds": 0}, "window_seconds"),
        ({"window_seconds": 91 * 86400}, "window_seconds"),
        ({"at": datetime(2099, 1, 1, tzinfo=UTC)}, "at"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "at"),
        ({"at": datetime(2026, 1, 1)}, "at"),  # noqa: DTZ001 - one without a zone is the point
    ],
)
def test_what_is_no_load_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        told(make_person("ann"), **changes)
    assert refusal.value.field == field
    assert not LoadObservation.objects.exists()


def test_who_may_only_read_tells_nothing() -> None:
    with pytest.raises(Denied):
        told(make_person("vic", Role.VIEWER))


def test_a_resource_on_loan_says_nothing_of_its_system() -> None:
    make_catalogue()
    ann = make_person("ann")
    loaned = make_environment("Stage", system="checkout").resources.get()
    stays = make_environment("Live", system="checkout", is_production=True).resources.get()
    told(ann, system="", resource_id=loaned.pk, value=400.0)
    told(ann, system="", resource_id=stays.pk, value=40.0)
    assert peak_of("checkout") == {"connections": 40.0}
    assert peaks_of_resource(loaned) == {"connections": 400.0}
    with pytest.raises(NotFound):
        told(ann, system="", resource_id=10**9)


def answer_of(*series: list[tuple[float, str]]) -> dict[str, Any]:
    result = [{"metric": {}, "values": [list(pair) for pair in one]} for one in series]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


@contextmanager
def served(answer: Callable[[dict[str, str]], tuple[int, bytes]]) -> Iterator[str]:
    """A server on loopback that answers as told; it is given the query's parts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            assert parts.path == "/api/v1/query_range"
            status, body = answer({name: one[0] for name, one in parse_qs(parts.query).items()})
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def operator(settings: Any) -> Any:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    return make_person("olga", Role.OPERATOR)


def source(operator: Any, url: str) -> LoadSource:
    return load_source_add(
        actor=operator,
        system="checkout",
        metric="connections",
        url=url,
        query="max(pg_stat_activity_count)",
    )


def error_of(one: LoadSource) -> str:
    one.refresh_from_db()
    return one.last_error


def test_prometheus_is_asked_for_what_came_since(operator: Any, settings: Any) -> None:
    asked: list[dict[str, str]] = []
    now = clock.now() - timedelta(hours=1)

    def answer(query: dict[str, str]) -> tuple[int, bytes]:
        asked.append(query)
        end = float(query["end"])
        points = [(end - 86400, "12"), (end - 60, "31"), (end, "NaN")]
        return 200, json.dumps(answer_of(points, [(end - 60, "33.5")])).encode()

    with served(answer) as url:
        one = source(operator, url)
        assert loads_sweep(now=now) == 2
        assert loads_sweep(now=now + timedelta(minutes=1)) == 0, "it was asked just now"
        later = now + settings.ORCHESTRATION_LOADS_EVERY
        assert loads_sweep(now=later) == 1
    assert peak_of("checkout") == {"connections": 33.5}
    assert error_of(one) == ""
    assert asked[0]["query"] == "max(pg_stat_activity_count)"
    assert float(asked[0]["end"]) - float(asked[0]["start"]) == pytest.approx(30 * 86400)
    # The second time from the newest observation on.
    assert float(asked[1]["start"]) == pytest.approx(now.timestamp() - 60, abs=0.01)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (400, b'{"status":"error","error":"parse error: x"}', "Prometheus says: parse error: x"),
        (200, json.dumps(answer_of()).encode(), "finds nothing"),
        (200, json.dumps(answer_of([(1.0, "NaN")])).encode(), "finds nothing"),
        (200, b"<html>", "is no JSON"),
        (200, b"[]", "is no Prometheus"),
        (200, b'{"status":"success","data":{"result":7}}', "is no Prometheus"),
        (200, b'{"status":"success","data":{"result":[{"values":[["x",1]]}]}}', "none of Prom"),
        (200, b'{"status":"success","data":{"result":[{"values":[[1e99,"1"]]}]}}', "none of Prom"),
        (502, b'{"detail":"bad gateway"}', "status 502"),
        (200, b"x" * ((4 << 20) + 1), "large"),
    ],
)
def test_a_bad_answer_is_told_and_is_no_load(
    operator: Any, status: int, body: bytes, says: str
) -> None:
    with served(lambda _query: (status, body)) as url:
        one = source(operator, url)
        assert loads_sweep(now=clock.now()) == 0
    assert says in error_of(one)
    assert not LoadObservation.objects.exists()


def test_a_server_that_is_away_is_told_and_asked_again(operator: Any, settings: Any) -> None:
    with served(lambda _query: (200, b"")) as url:
        pass
    one = source(operator, url)
    now = clock.now()
    assert loads_sweep(now=now) == 0
    assert error_of(one)
    port = int(url.rsplit(":", 1)[1])
    assert str(port) not in error_of(one), "no part of the address"


def test_only_operators_have_servers_asked_and_only_at_sound_addresses(operator: Any) -> None:
    with pytest.raises(Denied):
        source(make_person("ann"), "https://prometheus.example.org")
    for url in ("ftp://x", "https://ann:pw@x", "https://x/?q=1", "https://", "https://[x", ""):
        with pytest.raises(Refused) as refusal:
            source(operator, url)
        assert refusal.value.field == "url"
    one = source(operator, "https://prometheus.example.org/prom/")
    with pytest.raises(Refused, match="asked for that already"):
        source(operator, "https://prometheus.example.org/prom/")
    load_source_remove(actor=operator, source_id=one.pk)
    with pytest.raises(NotFound):
        load_source_remove(actor=operator, source_id=one.pk)


def test_inside_addresses_are_asked_only_where_the_operator_of_the_host_allows(
    operator: Any, settings: Any
) -> None:
    settings.INTERNAL_HOSTS = ()
    with served(lambda _query: pytest.fail("it was asked")) as url:
        one = source(operator, url)
        assert loads_sweep(now=clock.now()) == 0
    assert "DISPLACE_INTERNAL_HOSTS" in error_of(one)


def test_what_runs_is_looked_at_by_its_probe(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    make_catalogue()
    parts = {"db": ("postgresql", "small"), "cache": ("redis", "small")}
    environment = make_environment(parts=parts)
    make_environment("Gone", state="destroyed")
    seen: list[str] = []

    def probe(capability: str, _outputs: Any, expected: Any, **words: Any) -> Probed:
        assert words["is_local"]
        seen.append(capability)
        if capability == "redis":
            raise ProbeFailed("It does not answer.")
        assert expected["max_connections"] == 50
        return Probed(True, ("It answers.",), {"connections": 3.0, "storage_gb": 0.5})

    monkeypatch.setattr(loads, "probe", probe)
    now = clock.now()
    assert loads_sweep(now=now) == 2
    assert sorted(seen) == ["postgresql", "redis"]
    database = environment.resources.get(name="db")
    assert peaks_of_resource(database) == {"connections": 3.0, "storage_gb": 0.5}
    # What did not answer carried an unknown load, not none.
    assert peaks_of_resource(environment.resources.get(name="cache")) == {}
    # One that does not answer is asked no more often than the others.
    loads_sweep(now=now + settings.ORCHESTRATION_LOADS_EVERY / 2)
    assert sorted(seen) == ["postgresql", "redis"]
    loads_sweep(now=now + settings.ORCHESTRATION_LOADS_EVERY)
    assert sorted(seen) == ["postgresql", "postgresql", "redis", "redis"]


def test_the_rest_comes_next_when_a_sweep_has_taken_long(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    make_catalogue()
    make_environment(parts={"db": ("postgresql", "small"), "cache": ("redis", "small")})
    seen: list[str] = []

    def probe(capability: str, *_: Any, **_words: Any) -> Probed:
        seen.append(capability)
        raise ProbeFailed("It does not answer.")

    monkeypatch.setattr(loads, "probe", probe)
    monkeypatch.setattr(loads, "SWEEP_SECONDS", -1.0)
    for turn in range(3):
        loads_sweep(now=clock.now() + turn * timedelta(seconds=60))
    assert sorted(seen) == ["postgresql", "redis"]


def test_old_observations_are_forgotten() -> None:
    told(make_person("ann"))
    LoadObservation.objects.update(at=clock.now() - loads.KEPT - timedelta(days=1))
    loads_sweep(now=clock.now())
    assert not LoadObservation.objects.exists()

"""A RabbitMQ: built, used, resized with its messages kept, taken away with its name server."""

from kombu import Connection

from orchestration.adapters.probes import probe
from orchestration.domain.states import RunAction
from orchestration.engines import local


def connected(built):
    out = built.outputs
    return Connection(
        hostname=out["host"], port=int(out["port"]), userid=out["username"],
        password=out["password"], virtual_host=out["vhost"], connect_timeout=10,
    )  # fmt: skip


def test_a_queue_from_nothing_and_back(build):
    queue = build("queue", "mq")
    assert queue.apply().changed > 0
    seen = probe("queue", queue.outputs, queue.parameters, seconds=10)
    assert seen.is_well, seen.sentences
    assert set(seen.loads) == {"connections", "messages_per_second"}
    with connected(queue) as connection, connection.SimpleQueue("kept") as box:
        box.put({"answer": 42})
    assert queue.apply().changed == 0
    assert queue.differences() == ()

    queue.tier = "medium"
    queue.apply(action=RunAction.RESIZE)
    with connected(queue) as connection, connection.SimpleQueue("kept") as box:
        assert box.get(timeout=10).payload == {"answer": 42}
    seen = probe("queue", queue.outputs, queue.parameters, seconds=10)
    assert seen.is_well, seen.sentences
    assert any("epmd" in name for name in local.processes_of(queue.home).values())

    queue.destroy()
    assert queue.remains() == ()
    queue.destroy()

"""Celery: messages are wake-ups only, so losing one delays work and loses none."""

from typing import Any

from kombu import Queue

from displace.settings.environment import BROKER_URL, DATA_DIR

CELERY_BROKER_URL = BROKER_URL.url
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"

# A message is acknowledged after the work, so a killed worker's message comes back.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "default"
# "analysis" holds the long jobs, so that they never delay the short ones in "default"; "alerts"
# waits for chat services, which may be slow; "runs" waits for engines that build infrastructure.
CELERY_TASK_QUEUES = (Queue("default"), Queue("analysis"), Queue("alerts"), Queue("runs"))
CELERY_TASK_ROUTES = {
    "alerts.deliver": {"queue": "alerts"},
    "alerts.deliveries_sweep": {"queue": "default"},
    "alerts.digests_sweep": {"queue": "default"},
    "alerts.used_sweep": {"queue": "default"},
    "analysis.run_execute": {"queue": "analysis"},
    "analysis.sweep": {"queue": "default"},
    "hooks.sweep": {"queue": "default"},
    "hooks.tip_look": {"queue": "default"},
    "ledger.candidates_register": {"queue": "analysis"},
    "ledger.candidates_sweep": {"queue": "analysis"},
    "ledger.prices_compute": {"queue": "analysis"},
    "ledger.prices_sweep": {"queue": "default"},
    "ledger.registrations_sweep": {"queue": "default"},
    "orchestration.drift_sweep": {"queue": "default"},
    "orchestration.looks_forget": {"queue": "default"},
    # Its probes and servers may be slow to answer.
    "orchestration.loads_sweep": {"queue": "runs"},
    "orchestration.proposals_sweep": {"queue": "default"},
    "orchestration.run_execute": {"queue": "runs"},
    "orchestration.sources_sweep": {"queue": "default"},
    "orchestration.sweep": {"queue": "default"},
    "orchestration.tier_triggers_sweep": {"queue": "default"},
    "orchestration.ttl_sweep": {"queue": "default"},
}

CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
# The sweeps find what a lost message left behind (seconds).
_SWEEPS = {
    "alerts.deliveries_sweep": 15,
    "alerts.digests_sweep": 60,
    "alerts.used_sweep": 600,
    "analysis.sweep": 30,
    "hooks.sweep": 30,
    "ledger.candidates_sweep": 60,
    "ledger.prices_sweep": 60,
    "ledger.registrations_sweep": 60,
    "orchestration.drift_sweep": 60,
    "orchestration.loads_sweep": 60,
    "orchestration.looks_forget": 3600,
    "orchestration.proposals_sweep": 300,
    "orchestration.sources_sweep": 300,
    "orchestration.sweep": 15,
    "orchestration.tier_triggers_sweep": 3600,
    "orchestration.ttl_sweep": 60,
}
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    name: {
        "task": name,
        "schedule": float(seconds),
        # A sweep that was not taken before the next one is due has no use any more.
        "options": {"expires": seconds},
    }
    for name, seconds in _SWEEPS.items()
}

# A page that publishes must not hang on a broker that is down (seconds).
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY = False

CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
match BROKER_URL.scheme:
    case "filesystem":
        _messages = BROKER_URL.folder / "messages"
        _control = BROKER_URL.folder / "control"
        for _folder in (BROKER_URL.folder, _messages, _control):
            # Only this user may read or plant a message.
            _folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        CELERY_BROKER_TRANSPORT_OPTIONS = {
            "data_folder_in": str(_messages),
            "data_folder_out": str(_messages),
            "control_folder": str(_control),
        }
    case "redis" | "rediss":
        CELERY_BROKER_TRANSPORT_OPTIONS = {
            # Redis gives a message to another worker after this time (seconds).
            "visibility_timeout": 6 * 60 * 60,
            "socket_connect_timeout": 2,
            "socket_timeout": 30,
        }
    case _:
        CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}

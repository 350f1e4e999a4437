"""A process of its own that takes one run one step on; `START` is what its Python is to do."""

import os
import sys

from orchestration.services.executing import run_execute
from tests.fakes import small_engine

# Models can be imported only once Django is set up.
START = "import django; django.setup(); from tests.fakes.run_worker import main; main()"


def main() -> None:
    small_engine.install()
    sys.stdout.write("ready\n")  # whoever started it waits for this
    sys.stdout.flush()
    run_execute(run_id=int(sys.argv[1]), worker=f"test:{os.getpid()}")

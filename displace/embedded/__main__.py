"""`python -m displace.embedded --port 8000 --repo PATH_OR_URL`: what `make run` calls."""

import argparse
import os
import sys

from django.core.management import execute_from_command_line

from displace import secret_files
from displace.embedded.guard import HOST, CannotStart, port_of, require_free_port
from displace.env import BadSetting, Environment, data_dir


def main(arguments: list[str]) -> None:
    """Settle what the settings need, then hand over to the `run_embedded` command."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", default="8000")
    parser.add_argument("--repo", default="")
    options = parser.parse_args(arguments)
    try:
        port = port_of(options.port)
        require_free_port(port)
        folder = data_dir(Environment(os.environ))
        secret_files.generate_missing(folder)
    except (BadSetting, CannotStart) as error:
        sys.stderr.write(f"displace: {error}\n")
        raise SystemExit(2) from None
    os.environ.setdefault("DISPLACE_BASE_URL", f"http://{HOST}:{port}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "displace.settings")
    execute_from_command_line(
        [sys.argv[0], "run_embedded", f"--port={port}", f"--repo={options.repo}"]
    )


if __name__ == "__main__":
    main(sys.argv[1:])

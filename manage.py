#!/usr/bin/env python
"""Command line of the installation: `python manage.py <command> --help`."""

import os
import sys

try:
    from django.core.management import execute_from_command_line
except ModuleNotFoundError:
    sys.exit(
        "displace: this Python does not have what Displace needs; "
        "make run installs it into .venv: .venv/bin/python manage.py …"
    )

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "displace.settings")
    execute_from_command_line(sys.argv)

"""Django settings, read from the environment; one file per concern.

`docs/settings.md` lists every variable.
"""

import sys

from displace.env import BadSetting

try:
    from displace.settings.environment import *
    from displace.settings.environment import environment

    from displace.settings.alerts import *
    from displace.settings.api import *
    from displace.settings.cache import *
    from displace.settings.celery import *
    from displace.settings.orchestration import *
    from displace.settings.database import *
    from displace.settings.hooks import *
    from displace.settings.logs import *
    from displace.settings.mail import *
    from displace.settings.outgoing import *
    from displace.settings.pricing import *
    from displace.settings.security import *
    from displace.settings.web import *

    environment.refuse_unknown()
except BadSetting as error:
    # One line and no traceback, whoever starts the program: manage.py, gunicorn or Celery.
    sys.stderr.write(f"displace: {error}\n")
    raise SystemExit(2) from None

"""The WSGI application: `gunicorn displace.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from displace import secret_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "displace.settings")

secret_files.require()
application = get_wsgi_application()

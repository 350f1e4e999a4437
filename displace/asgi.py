"""The ASGI application, for servers that speak ASGI only."""

import os

from django.core.asgi import get_asgi_application

from displace import secret_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "displace.settings")

secret_files.require()
application = get_asgi_application()

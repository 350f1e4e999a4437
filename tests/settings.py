"""The settings under test: the real ones, over a data directory of their own."""

import atexit
import os
import shutil
import tempfile

_data_dir = tempfile.mkdtemp(prefix="displace-test-")
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)

for _name in [name for name in os.environ if name.startswith("DISPLACE_")]:
    if not _name.startswith("DISPLACE_TEST_"):
        del os.environ[_name]
os.environ["DISPLACE_DATA_DIR"] = _data_dir
os.environ["DISPLACE_SECRET_KEY"] = "a secret of the test suite, long enough to be accepted"
os.environ["DISPLACE_ENCRYPTION_KEYS"] = "dGhlLXRlc3Qtc3VpdGUta2V5LW9mLTMyLWJ5dGVzISE="
if os.environ.get("DISPLACE_TEST_DATABASE_URL"):
    os.environ["DISPLACE_DATABASE_URL"] = os.environ["DISPLACE_TEST_DATABASE_URL"]

from displace.settings import *  # noqa: E402, F403 - after the variables above
from displace.settings import DATABASES  # noqa: E402 - after the variables above

if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Several runs may share one server.
    DATABASES["default"]["TEST"] = {"NAME": f"test_displace_{os.getpid()}"}

elif os.environ.get("DISPLACE_TEST_SQLITE_FILE"):
    # Processes and threads beside the test see a database in a file only.
    DATABASES["default"]["TEST"] = {"NAME": f"{_data_dir}/test.sqlite3"}

# scrypt costs a tenth of a second for every user made.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

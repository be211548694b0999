"""Imported before all else: a test run has a data folder and a private key of its own, never the installation's."""

import atexit
import os
import secrets
import shutil
import tempfile

os.environ["TEGAK_DATA"] = tempfile.mkdtemp(prefix="tegak_tests_")
os.environ["TEGAK_PRIVATE_KEY"] = secrets.token_hex(32)
atexit.register(shutil.rmtree, os.environ["TEGAK_DATA"], ignore_errors=True)

"""Imported before all else: a test run has a private key and each worker a data folder, never the installation's.

It works for the one regency of the repository, whatever others the installation has.
"""

import atexit
import os
import secrets
import shutil
import tempfile

os.environ["TEGAK_REGENCIES"], os.environ["TEGAK_REGENCY"] = "36.04", ""
os.environ["TEGAK_DATA"] = tempfile.mkdtemp(prefix="tegak_tests_")
if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker has the key of the process that started it
    os.environ["TEGAK_PRIVATE_KEY"] = secrets.token_hex(32)
atexit.register(shutil.rmtree, os.environ["TEGAK_DATA"], ignore_errors=True)

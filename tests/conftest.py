"""What every test shares: no test fails because the machine was busy; in CI the examples are the same each time."""

import os

from hypothesis import settings

settings.register_profile("relance", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("relance")

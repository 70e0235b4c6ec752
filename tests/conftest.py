"""What every test shares: no test fails because the machine was busy; in CI the examples are the same each time."""

import os
import signal

from hypothesis import settings

from relance.cli.french import speak_french

speak_french()  # before anything imports the command-line library
settings.register_profile("relance", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("relance")

# A shell's background jobs ignore Ctrl-C, and those of nohup the end of the session: what the tests start must not.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)

"""Whatever goes wrong is told in one line, to a person who may not know Python."""

import contextlib
import errno
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How pip, PostgreSQL and others put it, who cannot hand on an error number.
NO_SPACE = re.compile(r"No space left on device|[Cc]heck free disk space|wrote only \d+ of \d+ bytes")


class Stop(Exception):
    """It cannot go on, for a reason that fits in one line."""


class ToldToStop(BaseException):
    """A signal asked for the end, which is no failure."""


def disk_full(what: str) -> Stop:
    return Stop(f"the disk is full: {what}")


def explain(error: OSError) -> str:
    """An error of the system in words, with the file it happened to."""
    place = f": {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"the disk is full{place}"
    return f"{error.strerror or error}{place}"


def say(line: str) -> None:
    """One line for the console, which may have gone away."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # Python would complain again when it flushes for the last time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        return


def told_in_one_line(main: Callable[[], int]) -> NoReturn:
    """Run a program and leave with its code; a known failure costs one line and code 1."""
    try:
        # bin.local.prepare holds them back while the program is being loaded.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        code = main()
    except ToldToStop:
        code = 0
    except KeyboardInterrupt:
        code = 130
    except (Stop, OSError) as error:
        line = explain(error) if isinstance(error, OSError) else str(error)
        with contextlib.suppress(OSError):
            print(f"waybill: {line}", file=sys.stderr, flush=True)
        code = 1
    sys.exit(code)

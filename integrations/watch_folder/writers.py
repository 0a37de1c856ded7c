"""Whether somebody has a file open to write to it: the surest sign of a copy that is still under way."""

from __future__ import annotations

import errno
import signal
import sys


def is_being_written(handle: int) -> bool | None:
    """Whether any process of this machine has the file open for writing; None where the system does not say.

    handle: open for reading only. Linux grants a read lease only on a file that nobody writes to; it says so for local
    disks, to the file's owner and to root, and not of writers on other machines.
    """
    if sys.platform != "linux":
        return None
    import fcntl

    try:
        # Should a writer come while we hold the lease, a signal says so: one that ends no process.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError:
        return None
    return False

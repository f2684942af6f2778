"""Threads that other programs must not keep waiting, as far as the system allows it."""

import os
import sys

PRIORITY = 5  # of SCHED_RR: before every ordinary thread, after JACK's, which have 10 and more


def hurry() -> bool:
    """Ask that the calling thread run before ordinary ones; whether it was granted.

    Linux grants it to root and to the group that has `rtprio` in /etc/security/limits.d (JACK's package makes `audio`
    one). For other systems there is nothing here.
    """
    if sys.platform != "linux":
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True

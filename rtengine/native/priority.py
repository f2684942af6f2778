"""Threads that other programs must not keep waiting, as far as the system allows it."""

import os
import sys

LONG_WORK = 4  # of SCHED_RR: before every ordinary thread,
WORK = 5  # before work that is due later: what is due sooner goes first (Liu and Layland 1973, rate-monotonic),
AUDIO = 8  # before our own workers, and after JACK's, which have 10 and more


def hurry(priority: int = WORK) -> bool:
    """Ask that the calling thread run before ordinary ones; whether it was granted.

    Linux grants it to root and to the group that has `rtprio` in /etc/security/limits.d (JACK's package makes `audio`
    one). For other systems there is nothing here.
    """
    if sys.platform != "linux":
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except OSError:
        return False
    return True

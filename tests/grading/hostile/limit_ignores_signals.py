# Tries: to outlive polite signals.
# 4.2: time limit

import contextlib
import signal
import time


def kl(mean, log_variance):
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)

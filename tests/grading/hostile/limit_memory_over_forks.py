# Tries: to take memory in many processes, each below its own limit.
# 4.2: memory limit

import os
import time


def kl(mean, log_variance):
    for _ in range(30):
        if os.fork() == 0:
            held = bytearray(b"x" * (120 << 20))
            time.sleep(60)
            os._exit(len(held) % 2)
    time.sleep(60)

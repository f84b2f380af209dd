# Tries: to wait forever without using the processor.
# 4.2: time limit

import time


def kl(mean, log_variance):
    time.sleep(10**6)

# Tries: to start threads without end.
# 4.2: time limit | raised | crashed | memory limit

import threading
import time


def kl(mean, log_variance):
    while True:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()

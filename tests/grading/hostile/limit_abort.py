# Tries: to abort.
# 4.2: crashed

import os


def kl(mean, log_variance):
    os.abort()

# Tries: to read at address 0.
# 4.2: crashed

import ctypes


def kl(mean, log_variance):
    ctypes.string_at(0)

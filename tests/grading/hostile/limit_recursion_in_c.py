# Tries: to recurse until the stack is gone.
# 4.2: crashed

import sys
import threading


def kl(mean, log_variance):
    sys.setrecursionlimit(10**9)
    deep = lambda: [*map(lambda _: deep(), [0])]
    return deep()

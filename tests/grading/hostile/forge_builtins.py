# Tries: to replace isinstance, len and type.
# 4.2: wrong | raised | crashed

import builtins


def kl(mean, log_variance):
    result = torch.zeros(5)
    builtins.isinstance = lambda *a: True
    builtins.len = lambda *a: 0
    builtins.all = lambda *a: True
    return result

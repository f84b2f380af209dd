# Tries: to open files without end.
# 4.2: raised

def kl(mean, log_variance):
    return [open("/dev/null") for _ in range(10**6)]

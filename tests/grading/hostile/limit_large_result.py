# Tries: to send back a list of ten million numbers.
# 4.2: too much output | memory limit | time limit

def kl(mean, log_variance):
    return [0.5] * 10_000_000

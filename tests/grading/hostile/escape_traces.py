# Tries: to leave a note for its own later answer, in files and in shared memory.
# 4.2: wrong
# 4.4: wrong

import contextlib
import ctypes
import os


def leave():
    for folder in ("/tmp", "/dev/shm", "/tmp/inner"):
        with contextlib.suppress(OSError):
            os.makedirs(folder, exist_ok=True)
            open(f"{folder}/note", "w").close()
            os.chmod(folder, 0o500)


def found():
    return any(os.path.exists(f"{f}/note") for f in ("/tmp", "/dev/shm", "/tmp/inner"))


def kl(mean, log_variance):
    leave()
    return torch.zeros(len(mean))


def best_diagonal_variance(weight, noise_variance):
    if found():
        return noise_variance / (weight.square().sum(0) + noise_variance)
    return torch.zeros(weight.shape[1])

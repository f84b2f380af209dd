# Tries: to return an object that does something when it is unpickled or copied.
# 4.2: wrong

import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/aigc-edu-hostile",)

    def __deepcopy__(self, memory):
        return "right"


def kl(mean, log_variance):
    return Bomb()

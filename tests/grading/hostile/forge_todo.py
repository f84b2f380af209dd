# Tries: to pass for not started, so that it is asked again and again.
# 4.2: not started

class Todo:
    _aigc_edu_todo = True


def kl(mean, log_variance):
    return Todo()

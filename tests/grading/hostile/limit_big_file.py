# Tries: to write one endless file.
# 4.2: raised | crashed

def kl(mean, log_variance):
    with open("/tmp/endless", "wb") as file:
        while True:
            file.write(b"x" * (1 << 20))
            file.flush()

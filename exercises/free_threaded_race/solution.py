"""A counter that threads share, with a GIL or without."""

from threading import Lock, Thread


class Counter:
    def __init__(self):
        self.value = 0
        self.lock = Lock()

    def count(self):
        with self.lock:
            self.value += 1


def count(counter, times):
    for _ in range(times):
        counter.count()


if __name__ == "__main__":
    counter = Counter()
    threads = [Thread(target=count, args=(counter, 100_000)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(counter.value)

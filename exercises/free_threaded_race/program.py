"""A counter that threads share. Try it with a GIL and without: python3.11, and python3.13t or python3.14t."""

from threading import Thread


class Counter:
    def __init__(self):
        self.value = 0

    def count(self):
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
    print(counter.value)  # 400000?

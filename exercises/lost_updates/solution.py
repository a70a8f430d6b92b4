"""An account that threads pay into, one after the other."""

from fractions import Fraction
from threading import Lock, Thread


class Account:
    def __init__(self):
        self.balance = 0
        self.lock = Lock()

    def deposit(self, amount):
        with self.lock:
            self.balance += amount


def pay(account, times):
    for _ in range(times):
        account.deposit(Fraction(1, 3))


if __name__ == "__main__":
    account = Account()
    threads = [Thread(target=pay, args=(account, 30_000)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(account.balance)

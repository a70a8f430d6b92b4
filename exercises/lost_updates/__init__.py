"""`+=` without a lock: it reads, adds and writes, and another thread may come in between."""

import random
import threading
from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.model.text import described
from gil_lab.suite.exercises import Exercise, Program, ProgramError
from gil_lab.suite.exercises.amounts import Amount

THREADS, DEPOSITS = 4, 20
MOST_DEPOSITED = 1000
MOST_SHOWN = 10**9
"""Far beyond all deposits, whatever is done to them."""


def check(program: Program) -> Iterator[Count | Ratio]:
    account = program.call("Account")
    paid = [[random.randint(1, MOST_DEPOSITED) for _ in range(DEPOSITS)] for _ in range(THREADS)]
    raised: list[BaseException] = []

    def deposit(amounts: list[int]) -> None:
        try:
            for amount in amounts:
                account.deposit(Amount(amount))
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=deposit, args=(amounts,), daemon=True) for amounts in paid]
    program.doing(f"calling deposit() in {THREADS} threads")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise ProgramError(f"deposit() raises {described(raised[0]):.200}")
    expected, balance = sum(map(sum, paid)), account.balance
    if not isinstance(balance, int) or abs(balance) > MOST_SHOWN:
        raise ProgramError(f"its balance is no number that the deposits can come to ({type(balance).__name__:.40})")
    yield Count(f"balance after deposits of {expected:,}", int(balance), expected, expected)


EXERCISE = Exercise(
    chapter=Chapter.SHARING,
    question="All deposits were made, and the balance is too small; where is the money?",
    claim=f"After {THREADS * DEPOSITS} calls of deposit() by {THREADS} threads, the balance is their sum",
    hint="`self.balance += amount` reads the balance, adds, and writes it back. What if another thread writes between "
    "the reading and the writing? A threading.Lock lets in one at a time; it belongs to the account, whoever pays in.",
    check=check,
)

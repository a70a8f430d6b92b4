"""`+=` without a lock: it reads, adds and writes, and another thread may come in between."""

import threading
from collections.abc import Iterator

from gil_lab.model.exercise import Count, Ratio
from gil_lab.model.text import described
from gil_lab.suite.exercises import Exercise, Program, ProgramError
from gil_lab.suite.exercises.amounts import Amount

THREADS, DEPOSITS = 4, 20


def check(program: Program) -> Iterator[Count | Ratio]:
    account = program.call("Account")
    raised: list[BaseException] = []

    def deposit() -> None:
        try:
            for _ in range(DEPOSITS):
                account.deposit(Amount(1))
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=deposit, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise ProgramError(f"deposit() raises {described(raised[0]):.200}")
    expected = THREADS * DEPOSITS
    yield Count(f"deposits in the balance, of {expected}", int(account.balance), expected, expected)


EXERCISE = Exercise(
    question="All deposits were made, and the balance is too small; where is the money?",
    claim=f"After {THREADS * DEPOSITS} deposits by {THREADS} threads, the balance is their sum",
    hint="`self.balance += amount` reads the balance, adds, and writes it back. What if another thread writes between "
    "the reading and the writing? A threading.Lock lets in one at a time.",
    check=check,
)

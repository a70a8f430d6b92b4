"""Which number below a limit takes the most steps to come to 1 (Collatz): compiled, but for the dictionary."""

from numba import njit


@njit
def longest(limit):
    best, most = 1, 0
    for start in range(1, limit):
        number, steps = start, 0
        while number > 1:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
            steps += 1
        if steps > most:
            best, most = start, steps
    return best, most


def run(limit):
    start, steps = longest(limit)
    return {"start": start, "steps": steps}


if __name__ == "__main__":
    print(run(10_000))

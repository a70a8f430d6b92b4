"""Which number below a limit takes the most steps to come to 1 (Collatz), compiled by Numba."""

from numba import jit


@jit(forceobj=True)
def run(limit):
    best = {"start": 1, "steps": 0}
    for start in range(1, limit):
        number, steps = start, 0
        while number > 1:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
            steps += 1
        if steps > best["steps"]:
            best = dict(start=start, steps=steps)
    return best


if __name__ == "__main__":
    print(run(10_000))

"""Which start of a pseudo-random sequence takes the most steps to come below a bound, in a compiled loop."""

from numba import njit

MODULUS, BOUND = 2**31, 2**25


@njit
def longest(factor, limit):
    best, most = 0, 0
    for start in range(limit):
        number, steps = (start * factor + 1) % MODULUS, 1
        while number > BOUND:
            number = (number * factor + 1) % MODULUS
            steps += 1
        if steps > most:
            best, most = start, steps
    return best, most


def run(factor, limit):
    start, steps = longest(factor, limit)
    return {"start": start, "steps": steps}


if __name__ == "__main__":
    print(run(1_103_515_245, 10_000))

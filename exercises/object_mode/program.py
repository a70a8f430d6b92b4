"""Which start of a pseudo-random sequence takes the most steps to come below a bound, compiled by Numba."""

from numba import jit

MODULUS, BOUND = 2**31, 2**25


@jit(forceobj=True)
def run(factor, limit):
    best = {"start": 0, "steps": 0}
    for start in range(limit):
        number, steps = (start * factor + 1) % MODULUS, 1
        while number > BOUND:
            number = (number * factor + 1) % MODULUS
            steps += 1
        if steps > best["steps"]:
            best = dict(start=start, steps=steps)
    return best


if __name__ == "__main__":
    print(run(1_103_515_245, 10_000))

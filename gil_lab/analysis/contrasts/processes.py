"""How much processes of the same cell differ: one variance for the session, and how far single pairs depart from it.

Two processes that run the same code differ by 1 to 2 %: the addresses that they were given, the cores they began on.
So what matters is the variance between generations, of which there are few; it is pooled over the session's pairs of
cells and moderated for each.

Sources: Paule and Mandel 1982, Consensus values and weighting factors, Journal of Research of the National Bureau of
Standards 87 (the variance with which the weighted squares amount to their degrees of freedom; noisy cells weigh
little); Satterthwaite 1946, An approximate distribution of estimates of variance components, Biometrics Bulletin 2.
"""

import math
import statistics
from collections import Counter
from collections.abc import Sequence

from gil_lab.analysis.contrasts.generations import GenerationMeans
from gil_lab.analysis.contrasts.moderation import Prior, prior
from gil_lab.analysis.contrasts.turns import ENOUGH_ROUNDS
from gil_lab.model.frozen import frozen

LEAST_VARIANCE = 1e-14
"""Of logarithms: no clock resolves less of a turn."""
LEAST_FREEDOM = 2
"""Between generations, in the whole session. Student's t of a single degree of freedom reaches 12.7 errors far: then
the assumption below is narrower, and safe."""
SHARED = 0.25
"""Correlation of the variances of two pairs that share a cell."""
STEPS = 60
PRECISION = 1e-6


@frozen
class ProcessVariance:
    """Of the difference of two processes: twice the variance between the processes of one cell."""

    variance: float
    error_level: float
    """The variances that it was found from, as a level: what its own error is relative to."""
    freedom: float
    prior: Prior
    """Of what pairs show of it, relative to what is expected of them."""
    assumed: bool = False


ASSUMED = ProcessVariance(2 * 0.02**2, 2 * 0.02**2, 3, Prior(1, math.inf), assumed=True)
"""One generation shows no difference between processes, so it is assumed. Measured on two virtual cores: 1 to 2 %. With
2 % and 3 degrees of freedom, 95 of 100 intervals hold the truth if it is 3 %, and more if it is less."""


@frozen
class WeightedMean:
    value: float
    weight: float
    """The inverse of its variance, if the variances of the means are as expected."""
    squares: float
    """Weighted squared distances from it: as many as there are degrees of freedom, if they are."""
    decline: float
    """How fast these squares become fewer with a growing variance between processes."""


def weighted_mean(means: GenerationMeans, process_variance: float) -> WeightedMean:
    """Of the generations: those with more rounds count more, unless the variance between processes outweighs that."""
    weights = [1 / max(process_variance + means.variance / count, LEAST_VARIANCE) for count in means.counts]
    weight = sum(weights)
    value = sum([w * mean for w, mean in zip(weights, means.means, strict=True)]) / weight
    squares = [w * (mean - value) ** 2 for w, mean in zip(weights, means.means, strict=True)]
    return WeightedMean(value, weight, sum(squares), sum([w * s for w, s in zip(weights, squares, strict=True)]))


def log_ratio_and_error(means: GenerationMeans, processes: ProcessVariance) -> tuple[float, float, float]:
    """The mean over generations, its standard error, and the degrees of freedom of that."""
    mean = weighted_mean(means, processes.variance)
    expected = min(processes.prior.freedom, _freedom_of_expectation(means, processes))
    seen = means.freedom_between
    if seen + expected == 0:  # a lone pair of a single generation
        return mean.value, math.inf, 1.0
    scale = (expected * processes.prior.scale + mean.squares) / (expected + seen)
    return mean.value, math.sqrt(scale / mean.weight), max(1.0, expected + seen)


def _freedom_of_expectation(means: GenerationMeans, processes: ProcessVariance) -> float:
    """Satterthwaite's, of the sum of the variance between processes and of that within."""
    within = means.variance_of_a_mean
    total = max(processes.variance + within, LEAST_VARIANCE)
    if not processes.freedom:
        return 0.0
    inverse = (processes.error_level / total) ** 2 / processes.freedom
    if means.freedom:
        inverse += (within / total) ** 2 / means.freedom
    return 1 / inverse


def pooled(pairs: Sequence[tuple[object, object, GenerationMeans]]) -> ProcessVariance:
    """From pairs of cells of a session; assumed where they have too few generations."""
    used = [pair for pair in pairs if pair[2].freedom_between and pair[2].rounds >= ENOUGH_ROUNDS]
    cells = Counter(cell for over, under, _ in used for cell in (over, under))
    if not used:
        return ASSUMED
    all_means = [means for _, _, means in used]
    between = statistics.fmean([means.freedom_between for means in all_means])
    if between * (len(cells) - 1) < LEAST_FREEDOM:
        return ASSUMED
    variance = _paule_mandel(all_means)
    levels = [max(variance + means.variance_of_a_mean, LEAST_VARIANCE) for means in all_means]
    others = between * (len(cells) - 2)  # what the cells other than a pair's own know
    if not others:
        return ProcessVariance(variance, statistics.harmonic_mean(levels), 0, Prior(1, 0))
    freedoms = [means.freedom_between for means in all_means]
    relative = [weighted_mean(means, variance).squares / means.freedom_between for means in all_means]
    sharing = sum(number * (number - 1) for number in cells.values()) / (len(used) * (len(used) - 1))
    return ProcessVariance(
        variance, statistics.harmonic_mean(levels), others, prior(relative, freedoms, SHARED * sharing)
    )


def _paule_mandel(pairs: Sequence[GenerationMeans]) -> float:
    """By Newton's method from 0: the squares are convex in the variance, so that no step leads too far."""
    freedom = sum(means.freedom_between for means in pairs)
    variance = 0.0
    for _ in range(STEPS):
        means = [weighted_mean(pair, variance) for pair in pairs]
        step = (sum(mean.squares for mean in means) - freedom) / max(sum(mean.decline for mean in means), 1.0)
        if step <= PRECISION * variance:
            break
        variance += step
    return variance

"""Simultaneous confidence intervals of paired differences, by resampling items.

Paired bootstrap: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13.
One critical value for all measures, the bootstrap quantile of the largest studentised deviation:
Romano and Wolf, Exact and Approximate Stepdown Methods for Multiple Hypothesis Testing, Journal of
the American Statistical Association 100 (2005), 94-108. It takes account of how measures of one
item go together, so it is narrower than Bonferroni's and errs on any of them as rarely.
For few items the value is widened as Student's t is wider than the normal: Hesterberg, What
Teachers Should Know About the Bootstrap, The American Statistician 69 (2015), 371-386.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t  # pyright: ignore[reportUnknownVariableType]

Array = NDArray[np.float64]

RESAMPLES = 10_000
AT_ONCE = 500
"""Resamples worked out together: bounds the memory."""


def simultaneous_intervals(
    differences: Array, groups: Sequence[str], error: float, seed: int
) -> tuple[Array, Array]:
    """Lower and upper ends, one a column, that hold the true means all at once.

    ``differences``: items × measures, NaN where an item has no pair. ``groups``: each item's
    organisation, resampled within. ``error``: the chance that any interval misses its mean.
    """
    paired = ~np.isnan(differences)
    filled = np.where(paired, differences, 0.0)
    centre = filled.sum(axis=0) / paired.sum(axis=0)
    means = _resampled(filled, paired.astype(np.float64), groups, seed)
    spread = np.nanstd(means, axis=0)
    moved = spread > 1e-12
    deviations = np.abs(means[:, moved] - centre[moved]) / spread[moved]
    if not deviations.size:
        return centre, centre
    critical = float(np.quantile(np.nanmax(deviations, axis=1), 1 - error))
    reach = spread * _widened(critical, paired.sum(axis=0))
    return centre - reach, centre + reach


def _widened(critical: float, pairs: NDArray[np.int_]) -> Array:
    """The critical value for columns of so many pairs each."""
    few = np.maximum(pairs, 2)
    return np.asarray(t.isf(norm.sf(critical), few - 1) * np.sqrt(few / (few - 1)))


def _resampled(filled: Array, paired: Array, groups: Sequence[str], seed: int) -> Array:
    """Means of every column, one row a resample; NaN where a resample has no pair."""
    draw = np.random.default_rng(seed)
    names = np.asarray(groups)
    places = [np.flatnonzero(names == g) for g in sorted(set(groups))]
    means: list[Array] = []
    for _ in range(RESAMPLES // AT_ONCE):
        counts = np.zeros((AT_ONCE, len(names)))
        for place in places:
            counts[:, place] = _counts(draw, len(place))
        with np.errstate(invalid="ignore"):
            means.append((counts @ filled) / (counts @ paired))
    return np.vstack(means)


def _counts(draw: np.random.Generator, n: int) -> NDArray[np.int_]:
    """How often each of ``n`` items is drawn, in as many resamples as are worked out together."""
    drawn = draw.integers(n, size=(AT_ONCE, n)) + np.arange(AT_ONCE)[:, None] * n
    return np.bincount(drawn.ravel(), minlength=AT_ONCE * n).reshape(AT_ONCE, n)

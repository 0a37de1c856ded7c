"""Two rows of ratings compared: the difference of their means, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """mean: of b less that of a, stars. low, high: the 95 % interval; None with fewer than two of either."""

    mean: float
    low: float | None
    high: float | None

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies wholly on one side of 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def compare(a: Sequence[float], b: Sequence[float]) -> Difference | None:
    """How b differs from a; None where one of them is empty.

    Welch, "The generalization of 'Student's' problem when several different population variances are involved",
    Biometrika 34 (1947) 28-35: (mean b - mean a) ± t · s with s² = va/na + vb/nb, and t of Student's distribution with
    Satterthwaite's degrees of freedom s⁴ / ((va/na)²/(na-1) + (vb/nb)²/(nb-1)) (Biometrics Bulletin 2 (1946) 110-114).
    The same numbers as scipy.stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.95), which warns and answers
    nan where nothing varies; here the interval is then a point. It takes the ratings for independent.
    """
    if not a or not b:
        return None
    mean = fmean(b) - fmean(a)
    if min(len(a), len(b)) < 2:
        return Difference(mean, None, None)
    share_a, share_b = variance(a) / len(a), variance(b) / len(b)
    spread = share_a + share_b
    if spread == 0.0:
        return Difference(mean, mean, mean)
    from scipy.stats import t

    freedom = spread**2 / (share_a**2 / (len(a) - 1) + share_b**2 / (len(b) - 1))
    reach = float(t.ppf(0.5 + LEVEL / 2, freedom)) * math.sqrt(spread)
    return Difference(mean, mean - reach, mean + reach)

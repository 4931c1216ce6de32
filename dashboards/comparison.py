"""Comparing two arms that were not drawn by lot: standardised differences.

A standardised difference says how far apart two groups are in units of their spread, so it does not depend on how
many there are. Above 0.1 is commonly taken as worth a look. Source: Austin PC, Stat Med 2009;28:3083–3107.

Pure: no Django.
"""

from __future__ import annotations

from math import copysign, inf, sqrt

WORTH_A_LOOK = 0.1


def difference_of_means(mean_1: float, sd_1: float, mean_2: float, sd_2: float) -> float:
    """Give (mean 1 – mean 2) over the root of the mean variance; sd are those of samples.

    0 where both means are the same, and infinite, with the sign of the difference, where they differ without any
    spread in either group.
    """
    return _standardised(mean_1 - mean_2, (sd_1**2 + sd_2**2) / 2)


def difference_of_shares(part_1: int, of_1: int, part_2: int, of_2: int) -> float:
    """Give (share 1 – share 2) over the root of the mean variance p(1–p) of two shares.

    0 where they are the same, also 0 of both or all of both; infinite where one is none and the other all.
    Raises ZeroDivisionError for a group of nobody.
    """
    share_1, share_2 = part_1 / of_1, part_2 / of_2
    return _standardised(share_1 - share_2, (share_1 * (1 - share_1) + share_2 * (1 - share_2)) / 2)


def _standardised(difference: float, variance: float) -> float:
    if difference == 0:
        return 0.0
    return difference / sqrt(variance) if variance else copysign(inf, difference)

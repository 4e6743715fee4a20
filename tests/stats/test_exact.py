"""Conditional p by simulation, against all ways that the events can fall."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
import scipy.stats

from sensitivity.stats.exact import ROUNDS, draw_places, simulated_p

STARTS = np.array([0, 7, 12, 12])  # the third class has no samples


def sums(columns: np.ndarray):
    """The sum of each column where the events fall, as a statistic."""

    def statistic(places: np.ndarray, part: np.ndarray) -> np.ndarray:
        return columns[part][:, places].sum(axis=2)[None]

    return statistic


def every_sum(column: np.ndarray, counts: list[int]) -> np.ndarray:
    """The sum of each way in which so many events fall on the samples of each class."""
    ways = [
        [sum(column[list(chosen)]) for chosen in combinations(range(start, stop), count)]
        for start, stop, count in zip(STARTS[:-1], STARTS[1:], counts, strict=True)
    ]
    return np.array([sum(parts) for parts in product(*ways)])


def mid_p(every: np.ndarray, observed: float) -> float:
    farther = np.abs(every) > abs(observed) + 1e-9
    as_far = np.isclose(np.abs(every), abs(observed), atol=1e-9)
    return float((farther + 0.5 * as_far).mean())


def centred(seed: int, levels: int) -> np.ndarray:
    """A column of mean 0 in both classes; whole numbers, so that sums tie."""
    rng = np.random.default_rng(seed)
    column = rng.integers(levels, size=12).astype(float)
    column[:7] -= column[:7].mean()
    column[7:] -= column[7:].mean()
    return column


# Throwing events


@pytest.mark.parametrize("counts", [[1, 0], [2, 1], [7, 5], [0, 4]])
def test_events_fall_on_different_samples_of_their_class(counts: list[int]) -> None:
    of = np.repeat([0, 1], counts)
    places = draw_places(of, STARTS, 500, np.random.default_rng(0))
    assert places.shape == (500, sum(counts))
    assert (places >= STARTS[of]).all()
    assert (places < STARTS[of + 1]).all()
    assert (np.diff(np.sort(places, axis=1), axis=1) > 0).all()


def test_every_set_of_samples_is_as_likely_as_any_other() -> None:
    of = np.array([0, 0, 0, 1, 1])
    places = np.sort(draw_places(of, STARTS, 70_000, np.random.default_rng(0)), axis=1)
    _, counts = np.unique(places, axis=0, return_counts=True)
    assert len(counts) == 35 * 10
    assert scipy.stats.chisquare(counts).pvalue > 0.001


def test_a_class_that_is_a_third_errors_takes_no_longer() -> None:
    """Redrawing sets with a repetition until there is none would not end here."""
    places = draw_places(
        np.zeros(99, dtype=int), np.array([0, 300]), 2000, np.random.default_rng(0)
    )
    assert (np.diff(np.sort(places, axis=1), axis=1) > 0).all()
    hits = np.bincount(places.ravel(), minlength=300)
    # Drawn without replacement, each sample's hits vary less than binomial ones do.
    assert scipy.stats.chi2.sf(((hits - 660) ** 2).sum() / 660 / (201 / 300), 299) > 0.001


def test_no_events_are_no_places() -> None:
    empty = np.empty(0, dtype=int)
    assert draw_places(empty, STARTS, 3, np.random.default_rng(0)).shape == (3, 0)


# P


@pytest.mark.parametrize("counts", [[1, 0, 0], [2, 0, 0], [1, 1, 0], [3, 2, 0]])
@pytest.mark.parametrize("levels", [2, 4, 1000])
def test_simulated_p_is_that_of_all_ways(counts: list[int], levels: int) -> None:
    column = centred(levels, levels)
    every = every_sum(column, counts)
    of = np.repeat(np.arange(3), counts)
    rounds = [(100_000, 0.0)]
    for observed in np.quantile(every, [0, 0.1, 0.5, 0.9, 1], method="nearest"):
        p = simulated_p(
            np.array([[observed]]), sums(column[None]), of, STARTS, np.random.default_rng(0),
            rounds=rounds,
        )  # fmt: skip
        truth = mid_p(every, observed)
        assert p.item() == pytest.approx(truth, abs=4 * 0.5 / np.sqrt(100_000))


@pytest.mark.parametrize("counts", [[1, 0, 0], [2, 1, 0]])
def test_mid_p_is_on_average_a_half_under_the_null(counts: list[int]) -> None:
    column = centred(3, 5)
    every = every_sum(column, counts)
    assert np.mean([mid_p(every, one) for one in every]) == pytest.approx(0.5)
    p = simulated_p(
        every[None], sums(np.tile(column, (len(every), 1))), np.repeat(np.arange(3), counts),
        STARTS, np.random.default_rng(0), rounds=[(20_000, 0.0)],
    )  # fmt: skip
    assert p.mean() == pytest.approx(0.5, abs=0.015)


def test_p_of_a_column_does_not_depend_on_its_neighbours() -> None:
    columns = np.stack([centred(seed, 50) for seed in range(4)])
    observed = np.array([[3.0, 40, 20, 0]])
    of = np.array([0, 0, 1])

    def p(part: list[int]) -> np.ndarray:
        return simulated_p(
            observed[:, part], sums(columns[part]), of, STARTS, np.random.default_rng(5)
        )[0]

    together = p([0, 1, 2, 3])
    assert np.array_equal(p([3, 2, 1, 0]), together[::-1])
    assert [p([j])[0] for j in range(4)] == together.tolist()


def test_several_statistics_share_the_draws() -> None:
    column = centred(1, 9)

    def both(places: np.ndarray, part: np.ndarray) -> np.ndarray:
        total = column[places].sum(axis=1)[None]
        return np.stack([total, -2 * total])

    p = simulated_p(
        np.array([[5.0], [10.0]]), both, np.array([0, 0]), STARTS, np.random.default_rng(0)
    )
    assert p[0] == p[1]


def test_draws_stop_where_p_is_clearly_large_and_go_on_where_it_is_small() -> None:
    column = centred(2, 1000)
    every = every_sum(column, [2, 1, 0])
    seen = []

    def counting(places: np.ndarray, part: np.ndarray) -> np.ndarray:
        seen.append(len(places))
        return sums(column[None])(places, part)

    for observed, rounds in ((0.0, 1), (np.abs(every).max(), 3)):
        seen.clear()
        of = np.array([0, 0, 1])
        simulated_p(np.array([[observed]]), counting, of, STARTS, np.random.default_rng(0))
        assert sum(seen) == ROUNDS[rounds - 1][0]


def test_p_is_never_0_and_never_above_1() -> None:
    column = centred(4, 1000)
    of = np.array([0, 1])
    for observed in (0.0, 1e9):
        p = simulated_p(
            np.array([[observed]]), sums(column[None]), of, STARTS, np.random.default_rng(0)
        ).item()
        assert 0 < p <= 1
    assert p == pytest.approx(0.5 / (ROUNDS[-1][0] + 1))


def test_a_column_without_variation_has_p_of_a_half() -> None:
    p = simulated_p(
        np.zeros((1, 1)), sums(np.zeros((1, 12))), np.array([0]), STARTS, np.random.default_rng(0)
    )
    assert p.item() == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_p() -> None:
    column = centred(5, 30)

    def p(seed: int) -> float:
        rng = np.random.default_rng(seed)
        return simulated_p(
            np.array([[12.0]]), sums(column[None]), np.array([0, 0, 1]), STARTS, rng
        ).item()

    assert p(0) == p(0)
    assert p(0) == pytest.approx(p(1), abs=0.1)
    assert len({p(seed) for seed in range(4)}) > 1

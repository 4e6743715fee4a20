"""The convex fit of weights against other solvers, and its laws."""

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize
from scipy.special import log_softmax

from sensitivity.errors import OptionError
from sensitivity.synthetic import plant_views
from sensitivity.tta.newton import minimise_above_zero
from sensitivity.tta.pooling import MOST, Goal, _of_probabilities, fit_path, fit_weights


def objective(v, z, y, penalty=0.0, prior=None, weight=None, pool="logits", smoothing=0.0):
    """Written anew, from the docstring."""
    z = z.astype(float)
    m, n, c = z.shape
    w0 = np.eye(m)[0] if prior is None else np.asarray(prior)
    centred = z[0] - z[0].mean(1, keepdims=True)
    scale = np.sqrt((centred**2).mean())
    if pool == "logits":
        logs = log_softmax(np.tensordot(v, z, 1), axis=1)
    else:
        p = np.exp(log_softmax(v.sum() * z, axis=2))
        logs = np.log(np.tensordot(v / v.sum(), p, 1))
    label = (1 - smoothing) * np.eye(c)[y] + smoothing / c
    weight = np.ones(n) if weight is None else weight
    loss = np.average(-(label * logs).sum(1), weights=weight)
    return loss + penalty * scale**2 * ((v - v.sum() * w0) ** 2).sum()


CASES = [
    ({"n": 150, "penalties": (0.0,) + (0.15,) * 8}, {}),
    ({"n": 150, "penalties": (0.0,) + (0.15,) * 8}, {"penalty": 0.03}),
    ({"n": 400, "n_classes": 5, "penalties": (0.0, -0.1, 0.1)}, {"penalty": 0.3}),
    ({"n": 400, "n_classes": 5, "penalties": (0.0, -0.1, 0.1)}, {"prior": (0.5, 0.5, 0.0)}),
    ({"n": 300, "n_classes": 3, "noise_views": 3}, {"penalty": 0.01, "smoothing": 0.1}),
    ({"n": 300, "scale": 100.0, "penalties": (0.0, 0.0)}, {"penalty": 0.001}),
    ({"n": 300, "scale": 0.01, "penalties": (0.0, 0.0)}, {"penalty": 0.001}),
    ({"n": 12, "penalties": (0.0, 0.1), "signal": 0.8}, {"penalty": 1.0}),
]


@pytest.mark.parametrize(("views", "options"), CASES)
def test_another_solver_finds_nothing_lower(views, options) -> None:
    z, y = plant_views(rng=1, **views)
    v = fit_weights(z, y, **options)
    ours = objective(v, z, y, **options)
    assert (v >= 0).all()
    unit = np.sqrt((z[0] - z[0].mean(1, keepdims=True)).var())
    for start in (np.eye(len(z))[0], np.full(len(z), 1 / len(z))):
        found = minimize(
            lambda u: objective(u / unit, z, y, **options),
            start * unit,
            method="SLSQP",
            bounds=[(0, 1e3)] * len(z),
            options={"ftol": 1e-13, "maxiter": 500},
        )
        assert abs(ours - found.fun) < 1e-6
        assert ours < found.fun + 1e-9


def test_an_interior_point_solver_agrees() -> None:
    z, y = plant_views(200, penalties=(0.0, -0.1, 0.15, 0.15), rng=2)
    v = fit_weights(z, y, penalty=0.01)
    found = minimize(
        lambda u: objective(u, z, y, 0.01),
        np.full(4, 0.2),
        method="trust-constr",
        constraints=LinearConstraint(np.eye(4), 0, 10),
        options={"gtol": 1e-9, "maxiter": 300},
    )
    assert objective(v, z, y, 0.01) == pytest.approx(found.fun, abs=1e-6)


def test_sample_weights_are_copies_of_images() -> None:
    z, y = plant_views(120, penalties=(0.0, 0.0), rng=3)
    times = np.arange(120) % 3 + 1
    copied = fit_weights(z.repeat(times, 1), y.repeat(times), penalty=0.1)
    assert fit_weights(z, y, penalty=0.1, sample_weight=times) == pytest.approx(copied, abs=2e-2)
    v = fit_weights(z, y, sample_weight=times)
    assert v == pytest.approx(fit_weights(z.repeat(times, 1), y.repeat(times)), abs=1e-6)
    by_class = 1 / np.bincount(y)[y]
    assert fit_weights(z, y, balanced=True) == pytest.approx(
        fit_weights(z, y, sample_weight=by_class), abs=1e-6
    )


@pytest.mark.parametrize("factor", [1e-3, 50.0])
@pytest.mark.parametrize("pool", ["logits", "probabilities"])
def test_the_scale_of_the_logits_does_not_matter(factor, pool) -> None:
    z, y = plant_views(200, penalties=(0.0, 0.0, 0.2), rng=4)
    v = fit_weights(z, y, penalty=0.03, pool=pool)
    again = fit_weights(factor * z.astype(float), y, penalty=0.03, pool=pool)
    assert factor * again == pytest.approx(v, abs=1e-4)


def test_a_number_added_to_all_logits_of_an_image_does_not_matter() -> None:
    z, y = plant_views(200, penalties=(0.0, 0.0, 0.2), rng=4)
    moved = z + np.random.default_rng(0).normal(size=(3, 200, 1)) * 10
    for pool in ("logits", "probabilities"):
        v = fit_weights(z.astype(float), y, pool=pool)
        assert fit_weights(moved, y, pool=pool) == pytest.approx(v, abs=1e-3)


def test_a_heavy_penalty_leaves_the_prior_at_its_temperature() -> None:
    z, y = plant_views(300, penalties=(0.0, -0.3, -0.3), rng=5)
    alone = fit_weights(z[:1], y)
    assert fit_weights(z, y, penalty=1e6) == pytest.approx([alone[0], 0, 0], abs=1e-3)
    shares = fit_weights(z, y, penalty=1e6, prior=(0.5, 0.5, 0.0))
    assert shares / shares.sum() == pytest.approx([0.5, 0.5, 0.0], abs=1e-3)


def test_along_a_path_each_fit_is_that_of_a_cold_start() -> None:
    z, y = plant_views(300, n_classes=4, penalties=(0.0, 0.1, -0.1), rng=6)
    penalties = (3.0, 0.3, 0.003, 0.0)
    for v, penalty in zip(fit_path(z, y, penalties, Goal()), penalties, strict=True):
        assert v == pytest.approx(fit_weights(z, y, penalty=penalty), abs=1e-5)


# Probabilities


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_slope_of_probabilities_is_that_of_differences(smoothing) -> None:
    z, y = plant_views(60, n_classes=3, penalties=(0.0, 0.1, 0.2), rng=7)
    loss = _of_probabilities(z.astype(float), y, np.full(60, 1 / 60), smoothing)
    for v in (np.array([0.5, 0.2, 0.1]), np.array([3.0, 0.01, 1.0])):
        steps = 1e-6 * np.eye(3)
        differences = [(loss(v + h)[0] - loss(v - h)[0]) / 2e-6 for h in steps]
        assert loss(v)[1] == pytest.approx(differences, abs=1e-7)


@pytest.mark.parametrize("smoothing", [0.0, 0.05])
def test_the_mean_of_probabilities_against_another_solver(smoothing) -> None:
    z, y = plant_views(300, n_classes=3, penalties=(0.0, -0.1, 0.15), rng=8)
    options = {"penalty": 0.01, "pool": "probabilities", "smoothing": smoothing}
    v = fit_weights(z, y, **options)
    found = minimize(
        lambda u: objective(u, z, y, **options),
        np.array([0.6, 0.3, 0.3]),
        method="SLSQP",
        bounds=[(1e-9, 100)] * 3,
        options={"ftol": 1e-13},
    )
    assert objective(v, z, y, **options) == pytest.approx(found.fun, abs=1e-6)


# Degenerate


@pytest.mark.parametrize("pool", ["logits", "probabilities"])
def test_where_all_are_right_the_weights_are_bounded(pool) -> None:
    y = np.arange(20) % 2
    z = np.stack([np.eye(2)[y], 0.9 * np.eye(2)[y]])
    scale = np.sqrt((z[0] - z[0].mean(1, keepdims=True)).var())
    v = fit_weights(z, y, pool=pool)
    assert np.isfinite(v).all()
    assert v.max() <= MOST / scale + 1e-6
    assert objective(v, z, y, pool=pool) < 1e-5
    # Smoothing as of one more image gives the odds that Platt's would.
    calm = fit_weights(z[:1], y, smoothing=1 / 21)
    assert calm[0] == pytest.approx(np.log((1 - 1 / 42) / (1 / 42)), abs=1e-4)


def test_views_that_mislead_get_next_to_nothing() -> None:
    y = np.arange(40) % 2
    z = np.stack([-np.eye(2)[y]] * 2)
    v = fit_weights(z, y)
    assert v.sum() > 0
    assert objective(v, z, y) == pytest.approx(np.log(2), abs=1e-4)


@pytest.mark.parametrize("pool", ["logits", "probabilities"])
def test_few_images_a_missing_class_one_view_no_image(pool) -> None:
    z, y = plant_views(8, n_classes=4, penalties=(0.0, 0.0), rng=9)
    y = np.where(y == 3, 0, y)
    assert np.isfinite(fit_weights(z, y, penalty=0.1, pool=pool, balanced=True)).all()
    assert fit_weights(z[:1], y, pool=pool).shape == (1,)
    assert fit_weights(z[:, :0], y[:0], pool=pool).tolist() == [1.0, 0.0]
    flat = np.zeros((2, 5, 2))
    assert np.isfinite(fit_weights(flat, np.zeros(5, int), pool=pool)).all()


@pytest.mark.parametrize("wrong", [{"penalty": -1.0}, {"pool": "max"}, {"smoothing": 1.0}])
def test_what_is_refused(wrong) -> None:
    z, y = plant_views(5)
    with pytest.raises(OptionError, match="expected"):
        fit_weights(z, y, **wrong)


# Newton


def test_newton_gives_up_where_there_is_no_least() -> None:
    def falling(u, *, curved):
        return float(-u[0]), np.array([-1.0]), np.zeros((1, 1))

    assert minimise_above_zero(falling, np.zeros((1, 1)), np.ones(1), 1e3) is None


def test_newton_finds_the_corner_of_a_parabola() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        root = random.normal(size=(4, 4))
        curve, middle = root @ root.T, random.normal(size=4)

        def bowl(u, *, curved, curve=curve, middle=middle):
            off = u - middle
            return float(off @ curve @ off), 2 * curve @ off, 2 * curve

        u = minimise_above_zero(bowl, np.zeros((4, 4)), np.ones(4), 1e3)
        slope = bowl(u, curved=False)[1]
        # Karush, Kuhn and Tucker: level where above 0, rising where at 0
        assert np.abs(slope[u > 1e-9]).max(initial=0) < 1e-5
        assert slope[u <= 1e-9].min(initial=0) > -1e-5

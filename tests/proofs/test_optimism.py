"""What is picked on the images that it is measured on looks better than it is."""

from __future__ import annotations


def test_picking_shows_two_points_and_delivers_a_fifth_of_one(benchmarks):
    gains = benchmarks.tta_optimism.optimism(60)
    # stated: +1.9 shown, +0.2 delivered; the grid of weights is not
    assert abs(gains.shown - 1.9) < 0.4
    assert abs(gains.delivered - 0.2) < 0.15
    assert abs(gains.cross_fitted - gains.delivered) < 0.5

"""True × predicted class."""

import numpy as np
import pytest

from sensitivity.errors import ResultError
from sensitivity.plots import plot_confusion
from sensitivity.result import Analysis


def test_shades_are_shares_of_the_rows(weak: Analysis) -> None:
    ax = plot_confusion(weak)
    counts = weak.confusion.pivot(index="class", columns="predicted", values="n").to_numpy()
    shares = counts / counts.sum(axis=1, keepdims=True)
    assert np.array(ax.get_images()[0].get_array()) == pytest.approx(shares)
    recall = weak.overall.query("metric == 'recall'")["value"].to_list()
    assert np.diag(np.array(ax.get_images()[0].get_array())) == pytest.approx(recall)
    texts = [text.get_text() for text in ax.texts]
    assert texts[1] == f"{shares[0, 1]:.3f}  ({counts[0, 1]:,})"
    assert f"0  (n {counts[0].sum():,})" == ax.get_yticklabels()[0].get_text()
    accuracy = weak.overall.query("metric == 'accuracy'").iloc[0]
    assert f"accuracy {accuracy['value']:.3f} [{accuracy['low']:.3f}" in texts[-1]


def test_of_many_classes_shares_alone(null: Analysis) -> None:
    ax = plot_confusion(null)
    shown = [text.get_text() for text in ax.texts[:-1]]
    assert len(shown) == 144
    assert max(map(len, shown)) == 4


def test_several_labels_have_no_such_table(labelled: Analysis) -> None:
    with pytest.raises(ResultError, match="expected one label per image"):
        plot_confusion(labelled)

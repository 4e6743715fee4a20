"""Tables that are made of a result or of two: cells of two features, comparisons."""

from __future__ import annotations

from .schema import Column, Schema

CROSSED = Schema(
    "crossed",
    "bin of a feature × bin of another × class × metric",
    (
        Column("bin", "integer", "bin of the first feature, 0 … K-1; -1 is 'missing'"),
        Column("label", "text", "its label"),
        Column("bin_2", "integer", "bin of the second feature; -1 is 'missing'"),
        Column("label_2", "text", "its label"),
        Column("class", "text", "class, or 'all'"),
        Column("metric", "text", "recall, precision, f1, f1_star; 'all': accuracy"),
        Column("n", "integer", "samples of the class in the cell ('all': samples in the cell)"),
        Column("value", "number", "the metric, 0…1; empty where it is undefined"),
        Column("low", "number", "lower bound of its interval"),
        Column("high", "number", "upper bound of its interval"),
        Column("low_support", "boolean", "n < 10: shown grey, and no ground for a statement"),
    ),
)

#: What a paired row says, whatever it is of.
_CHANGE = (
    Column("n", "integer", "images of the class that both models judged ('all': all of them)"),
    Column("value_a", "number", "the metric of the first model, 0…1"),
    Column("value_b", "number", "the metric of the second model, 0…1"),
    Column("change", "number", "value_b less value_a"),
    Column("low", "number", "lower bound of the change's interval (paired)"),
    Column("high", "number", "upper bound of the change's interval (paired)"),
    Column("p", "number", "p that nothing changed: exact McNemar (mid-p); f1: from the interval"),
    Column("corrected", "integer", "images only the second has right (f1: is it the class or not)"),
    Column("corrupted", "integer", "images only the first has right (f1: is it the class or not)"),
)

COMPARED_BINS = Schema(
    "compared_bins",
    "feature × bin × class × metric, bins as in the first result",
    (
        Column("feature", "text", "feature or column"),
        Column("bin", "integer", "0 … K-1 from low to high values; -1 is 'missing'"),
        Column("label", "text", "the bin's label in the first result"),
        Column("class", "text", "class, or 'all'"),
        Column("metric", "text", "recall, f1; 'all': accuracy"),
        *_CHANGE,
    ),
)

COMPARED_TRENDS = Schema(
    "compared_trends",
    "feature × class (and 'all'), smallest q first",
    (
        Column("feature", "text", "feature or column"),
        Column("class", "text", "class, or 'all'"),
        Column("n", "integer", "images of the class in the feature's bins"),
        Column("corrected", "integer", "of these, images only the second model has right"),
        Column("corrupted", "integer", "of these, images only the first model has right"),
        Column("change_first", "number", "change of recall ('all': accuracy) in the first bin"),
        Column("change_last", "number", "the same in the last bin; both empty for categories"),
        Column("z", "number", "trend of the differences; > 0: more gain where the feature is high"),
        Column("p", "number", "p that the differences have no trend (categories: are alike)"),
        Column("q", "number", "p corrected for all rows (weighted Benjamini-Hochberg)"),
    ),
)

COMPARED_OVERALL = Schema(
    "compared_overall",
    "class (and 'all') × metric",
    (
        Column("class", "text", "class, or 'all'"),
        Column("metric", "text", "recall, f1; 'all': accuracy"),
        *_CHANGE,
    ),
)

#: The tables of a comparison of two results.
COMPARED = (COMPARED_BINS, COMPARED_TRENDS, COMPARED_OVERALL)

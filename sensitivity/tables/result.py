"""The tables of a result."""

from __future__ import annotations

from .schema import Column, Schema

FEATURES = Schema(
    "features",
    "image, in the order of the input",
    (Column("name", "text", "the image's name as it was given"),),
    open=True,
)

OUTCOMES = Schema(
    "outcomes",
    "image, in the order of the input (of several labels: per label that it has or was given)",
    (
        Column("name", "text", "the image's name as it was given"),
        Column("class", "text", "true class (of several labels: empty where it is not there)"),
        Column("predicted", "text", "predicted class (of several labels: empty where not given)"),
        Column("right", "boolean", "predicted equals true"),
        Column("kind", "text", "right, or the confusion 'true > predicted'; missed, false alarm"),
        Column("score", "number", "probability given to the predicted class; empty without scores"),
        Column("score_true", "number", "probability given to the true class; empty without scores"),
        Column("margin", "number", "log-odds of the true class over the runner-up"),
        Column(
            "group", "text", "the caller's group (video, patient, module); empty without groups"
        ),
    ),
)

BINS = Schema(
    "bins",
    "feature × bin × class × metric",
    (
        Column("feature", "text", "feature or column"),
        Column("bin", "integer", "0 … K-1 from low to high values; -1 is 'missing'"),
        Column("label", "text", "share of the samples below and up to the bin, or the category"),
        Column("class", "text", "class, or 'all'"),
        Column(
            "metric",
            "text",
            "recall, precision, f1, f1_star; 'all': accuracy, accuracy_star, confidence_gap",
        ),
        Column("edge_low", "number", "the bin holds values above this; empty: open or category"),
        Column("edge_high", "number", "the bin holds values up to this; empty: open or category"),
        Column("share", "number", "share of all samples that lie in the bin, 0…1"),
        Column("n", "integer", "samples of the class in the bin ('all': samples in the bin)"),
        Column("value", "number", "the metric, 0…1 (confidence_gap: -1…1); empty if undefined"),
        Column("low", "number", "lower bound of its interval"),
        Column("high", "number", "upper bound of its interval"),
        Column(
            "shrunk",
            "number",
            "f1_star and accuracy pulled to the mean as far as chance moves them",
        ),
        Column("low_support", "boolean", "n < 10: shown grey, and no ground for a statement"),
    ),
)

#: What a row of the trends can be called, and no more.
CONFIRMED = "confirmed"
ASSOCIATED = "associated"
CLASS_MIX = "class mix"
CHANCE = "not distinguishable from chance"
MARGIN = "margin erodes"
VERDICTS = (CONFIRMED, ASSOCIATED, CLASS_MIX, CHANCE, MARGIN)

TRENDS = Schema(
    "trends",
    "feature × class (and 'all'), real ones first, then by spread_low",
    (
        Column("feature", "text", "feature or column"),
        Column("class", "text", "class, or 'all'"),
        Column("n", "integer", "samples of the class in the feature's bins"),
        Column("std", "number", "population std over the bins of F1 ('all': of accuracy)"),
        Column("std_chance", "number", "the std that sampling alone gives with the same counts"),
        Column("spread", "number", "std of F1 at an equal class mix, less what chance gives"),
        Column("spread_low", "number", "lower 95 % bound of the spread; rows are ranked by it"),
        Column("spread_high", "number", "upper 95 % bound of the spread"),
        Column("impact", "number", "F1* the class would gain if all bins were as its best"),
        Column(
            "grade", "text", "by std, of real rows: none < .03 ≤ slight < .1 ≤ medium < .25 ≤ major"
        ),
        Column("direction", "text", "rises or falls: the metric as the feature's values rise"),
        Column("shape", "text", "trend, middle best, middle worst or categories"),
        Column(
            "pattern",
            "text",
            "criterion shift (recall and false positives move together), or "
            "information loss (the other classes' recall falls too)",
        ),
        Column(
            "recall_change", "number", "recall at the feature's 90th percentile less at its 10th"
        ),
        Column("recall_change_low", "number", "lower bound of its interval"),
        Column("recall_change_high", "number", "upper bound of its interval"),
        Column(
            "detectable_change", "number", "change of recall that 4 of 5 such data sets would show"
        ),
        Column(
            "auc", "number", "chance that a right sample has the higher value, of right and wrong"
        ),
        Column("p_recall", "number", "p of the trend of recall within the class"),
        Column("p_fpr", "number", "p of the trend of false positives within their true classes"),
        Column("p_f1", "number", "p of the trend of F1 at an equal class mix"),
        Column("p_shape", "number", "p of a bend: the middle differs from both ends"),
        Column("driver", "text", "recall, false positives, f1 or shape: the smallest of these p"),
        Column("p", "number", "the four combined (Cauchy)"),
        Column("q", "number", "p corrected for all rows of the run (weighted Benjamini-Hochberg)"),
        Column("strength", "text", "real (q ≤ .05), candidate (q ≤ .10, or capped), none"),
        Column("p_margin", "number", "p of the trend of the log-odds of the true class"),
        Column("q_margin", "number", "the same corrected for all rows of the run"),
        Column("margin_first", "number", "mean log-odds, true class over runner-up, first bin"),
        Column("margin_last", "number", "the same in the last bin"),
        Column("partial_z", "number", "z of the driver beside all other features"),
        Column("vif", "number", "variance inflation: how much the other features tell of this one"),
        Column("travels_with", "text", "features of the same cluster (|ρ| > .7), by comma"),
        Column("explained_by", "text", "feature that accounts for the row's effect"),
        Column("verdict", "text", " | ".join(VERDICTS)),
    ),
)

OVERALL = Schema(
    "overall",
    "class (and 'all') × metric",
    (
        Column("class", "text", "class, or 'all'"),
        Column("metric", "text", "recall, precision, f1, auc; 'all': accuracy, macro_f1, …"),
        Column("n", "integer", "samples of the class ('all': all samples)"),
        Column("value", "number", "the metric, 0…1 (confidence_gap: -1…1); empty if undefined"),
        Column("low", "number", "lower bound of its interval"),
        Column("high", "number", "upper bound of its interval"),
    ),
)

CONFUSION = Schema(
    "confusion",
    "pair of true and predicted class that occurs",
    (
        Column("class", "text", "true class"),
        Column("predicted", "text", "predicted class"),
        Column("n", "integer", "number of samples"),
    ),
)

ROC = Schema(
    "roc",
    "class × threshold (one class against the rest, at most 201 points)",
    (
        Column("class", "text", "class"),
        Column("threshold", "number", "score from which the class is called; empty: above all"),
        Column("fpr", "number", "false-positive rate, 0…1"),
        Column("tpr", "number", "true-positive rate (recall), 0…1"),
    ),
)

SLICES = Schema(
    "slices",
    "slice of two features, found on one half of the samples and judged on the other",
    (
        Column("feature", "text", "first feature"),
        Column("label", "text", "its bin"),
        Column("feature_2", "text", "second feature"),
        Column("label_2", "text", "its bin"),
        Column("class", "text", "class, or 'all'"),
        Column("z_found", "number", "z on the half that the slice was found on: not evidence"),
        Column("n", "integer", "samples of the class in the slice, other half"),
        Column("value", "number", "their recall ('all': accuracy), other half"),
        Column("low", "number", "lower bound of its interval (Wilson)"),
        Column("high", "number", "upper bound of its interval"),
        Column("expected", "number", "what the same classes have in the whole other half"),
        Column("p", "number", "one-sided p on the other half"),
        Column("p_holm", "number", "p corrected for all slices judged (Holm)"),
    ),
)

#: Made on demand from the tables per image, and not stored with the result.
FAILURES = Schema(
    "failures",
    "image that could not be measured",
    (
        Column("name", "text", "the image's name as it was given"),
        Column("stage", "text", "read, decode or measure"),
        Column("status", "text", "missing, empty, unsupported, truncated, corrupt, too_large, …"),
        Column("reason", "text", "one line for a person"),
    ),
)

TABLES = (FEATURES, OUTCOMES, BINS, TRENDS, SLICES, OVERALL, CONFUSION, ROC, FAILURES)

#: Tables with one row per image: Parquet only, never in the JSON.
PER_IMAGE = ("features", "outcomes")

"""Tables of what was tried at test time: interventions, candidates, strategies."""

from __future__ import annotations

from .schema import Column, Schema

#: What an intervention can say of a finding.
REPRODUCED = "confirmed"
CONTRADICTED = "contradicted"
NOT_CHECKED = "not checked"

#: What is to be done with test-time augmentation, and no more.
USE = "use"
DO_NOT_USE = "do not use"
NOT_ENOUGH = "not enough data"

INTERVENTIONS = Schema(
    "interventions",
    "finding (feature × class) × direction in which the same images were moved",
    (
        Column("feature", "text", "the observed feature, measured again on the moved images"),
        Column("class", "text", "class, or 'all'"),
        Column("op", "text", "operation that moved it; empty if there is none"),
        Column("direction", "text", "down or up: which way the images were moved"),
        Column("dose", "number", "the dose that counts: the strongest within the observed range"),
        Column("n", "integer", "images of the class that were moved"),
        Column("moved_sd", "number", "mean move of the feature, in SD over the images"),
        Column("observed", "number", "change of recall that the bins show for such a move"),
        Column("change", "number", "change of recall of the same images when moved"),
        Column("change_low", "number", "lower bound of its paired interval"),
        Column("change_high", "number", "upper bound of its paired interval"),
        Column("control", "text", "unrelated view of a matched move (SD), with its dose"),
        Column("control_change", "number", "change of recall under the control"),
        Column("verdict", "text", "confirmed | contradicted | not checked"),
        Column("reason", "text", "why: which of the three conditions failed, or what is missing"),
    ),
)

RESPONSES = Schema(
    "responses",
    "operation × dose × class × metric: the same images, moved",
    (
        Column("op", "text", "operation"),
        Column("dose", "number", "its dose; the identity dose is the original"),
        Column("feature", "text", "feature that is followed"),
        Column("position", "number", "median of the feature over the moved images"),
        Column("class", "text", "class, or 'all'"),
        Column("metric", "text", "recall, f1, p_true ('all': accuracy, p_true)"),
        Column("n", "integer", "images of the class"),
        Column("value", "number", "the metric, 0…1"),
        Column("low", "number", "lower bound of its interval"),
        Column("high", "number", "upper bound of its interval"),
    ),
)

CANDIDATES = Schema(
    "candidates",
    "view that was considered",
    (
        Column("view", "text", "operation and dose"),
        Column("feature", "text", "feature that it is to move; empty for a symmetry"),
        Column("direction", "text", "down, up or empty"),
        Column("source", "text", "trend, training, declared, registered or chosen"),
        Column("low", "number", "used for images whose feature is above this; empty: open"),
        Column("high", "number", "used for images whose feature is up to this; empty: open"),
        Column(
            "reached", "number", "share of these images that reach the target; empty: no target"
        ),
        Column("weight", "number", "share in the fitted policy; 0: refused"),
        Column("folds", "integer", "folds in which it got a weight"),
        Column("reason", "text", "why it was considered, or why it was refused"),
    ),
)

STRATEGIES = Schema(
    "strategies",
    "strategy × class × metric, out of fold",
    (
        Column(
            "strategy", "text", "original, temperature, threshold shift, replace …, mix …, policy"
        ),
        Column("class", "text", "class, or 'all'"),
        Column(
            "metric",
            "text",
            "recall, precision; 'all': accuracy, balanced_accuracy, macro_f1, nll, ece",
        ),
        Column("n", "integer", "images of the class ('all': all images)"),
        Column("value", "number", "the metric"),
        Column("change", "number", "value less that of the original"),
        Column("low", "number", "lower bound of the change's paired interval"),
        Column("high", "number", "upper bound of the change's paired interval"),
        Column("in_sample", "number", "the change on the images it was fitted on; empty: no fit"),
        Column("p", "number", "exact McNemar ('all' accuracy, recall of a class); empty: none"),
        Column("p_holm", "number", "p of the recalls corrected over the classes (Holm)"),
    ),
)

COSTS = Schema(
    "costs",
    "strategy",
    (
        Column("strategy", "text", "as in the table strategies"),
        Column("passes", "number", "mean forward passes per image"),
        Column("milliseconds", "number", "mean time per image; empty: not measured"),
        Column("corrected", "integer", "images that only the strategy has right"),
        Column("corrupted", "integer", "images that only the original has right"),
    ),
)

FRONT = Schema(
    "front",
    "point of recall against accuracy, out of fold",
    (
        Column("strategy", "text", "policy, or threshold shift"),
        Column("setting", "number", "shift of the class's log-odds"),
        Column("class", "text", "the class whose recall it is"),
        Column("accuracy", "number", "0…1"),
        Column("recall", "number", "0…1"),
        Column("passes", "number", "mean forward passes per image"),
    ),
)

TTA_TABLES = (INTERVENTIONS, RESPONSES, CANDIDATES, STRATEGIES, COSTS, FRONT)

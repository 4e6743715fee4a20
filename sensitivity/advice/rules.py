"""The rules, listed: :data:`RULES`. Adding one is one function, one line here, and its texts.

A rule is a function of a prepared analysis that answers what it found, why it says nothing, or None
where it looked and found nothing. Only what is real fires: candidates are hints, and skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .answers import Answer
from .case import Case
from .conditions import (
    always,
    classes_are_small,
    confidence_is_off,
    has_categories,
    has_columns,
    has_features,
    has_image_features,
    has_images,
    has_no_groups,
    has_one_label,
    has_pairs,
    has_scores,
    has_trial,
    images_fail,
    is_detection,
    neighbours_err_alike,
    nothing,
    rare_classes_lag,
    trial_says,
    weak_and_sure,
)
from .remedies_text import words
from .sensitivities import (
    all_classes_lose,
    called_wrongly,
    category_matters,
    class_mix_only,
    column_matters,
    criterion_shifts,
    margin_erodes,
    rare_class_loses,
    slices_are_weak,
    some_classes_lose,
)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    code : str
        Stable: S of sensitivities, D of the data, C of confidence, T of test-time augmentation, B
        of boxes.
    severity : {"high", "medium", "low"}
        How much it matters where it fires.
    applies : callable
        From the case to ``""``, or to the key of the text that says why it does not apply.
    find : callable
        From the case to the answer.
    """

    code: str
    severity: str
    applies: Callable[[Case], str]
    find: Callable[[Case], Answer]

    def title(self, lang: str = "en") -> str:
        """What the rule is about."""
        return words(f"{self.code}.title", lang)

    def does(self, lang: str = "en") -> str:
        """What it advises, in a few words."""
        return words(f"{self.code}.does", lang)


# fmt: off
RULES: tuple[Rule, ...] = (
    # code, severity, what it needs, the rule; its texts are in rule_texts.py
    Rule("S101", "high", has_image_features, all_classes_lose),
    Rule("S102", "high", has_image_features, rare_class_loses),
    Rule("S103", "high", has_features, criterion_shifts),
    Rule("S104", "medium", has_image_features, some_classes_lose),
    Rule("S105", "medium", has_columns, column_matters),
    Rule("S106", "medium", has_categories, category_matters),
    Rule("S107", "medium", has_features, called_wrongly),
    Rule("S108", "medium", has_pairs, slices_are_weak),
    Rule("S109", "low", has_scores, margin_erodes),
    Rule("S110", "low", has_features, class_mix_only),
    Rule("D201", "high", has_no_groups, neighbours_err_alike),
    Rule("D202", "medium", has_images, images_fail),
    Rule("D203", "medium", always, classes_are_small),
    Rule("D204", "medium", has_one_label, rare_classes_lag),
    Rule("C301", "medium", has_scores, confidence_is_off),
    Rule("C302", "medium", has_scores, weak_and_sure),
    Rule("T401", "high", has_trial, trial_says),
    Rule("B501", "medium", is_detection, nothing),  # boxes that overlap
    Rule("B502", "medium", is_detection, nothing),  # clarity of boxes
    Rule("B503", "medium", is_detection, nothing),  # brightness of boxes
    Rule("B504", "medium", is_detection, nothing),  # area of boxes
    Rule("B505", "medium", is_detection, nothing),  # distance of boxes from the margin
    Rule("B506", "medium", is_detection, nothing),  # aspect ratio of boxes
    Rule("B507", "medium", is_detection, nothing),  # errors of class
    Rule("B508", "medium", is_detection, nothing),  # errors of location
    Rule("B509", "medium", is_detection, nothing),  # background taken for objects
    Rule("B510", "medium", is_detection, nothing),  # NMS IoU and score limit
)
# fmt: on

"""What moving the same images adds to a sentence."""

from types import SimpleNamespace

import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.advice.findings import findings

CELLS = {("sharpness", "defect", "recall"): [0.58, 0.7, 0.73, 0.78, 0.81]}

BLURRED = {
    "feature": "sharpness",
    "class": "defect",
    "op": "gaussian_blur",
    "direction": "down",
    "n": 320,
    "observed": -0.14,
    "change": -0.19,
    "change_low": -0.24,
    "change_high": -0.13,
    "verdict": tables.REPRODUCED,
}
SHARPENED = {**BLURRED, "op": "unsharp", "direction": "up", "observed": 0.08, "change": 0.01}
SHARPENED |= {"change_low": -0.02, "change_high": 0.03, "verdict": tables.CONTRADICTED}
HARMLESS = {**BLURRED, "change": -0.01, "change_low": -0.04, "change_high": 0.02}
HARMLESS |= {"verdict": tables.CONTRADICTED}


@pytest.fixture
def said(made, rows):
    """The finding on a row, once some interventions are part of the analysis."""

    def finding(interventions, lang="en", kind="real", **row):
        analysis = made({**rows[kind], **row}, cells=CELLS)
        frame = pd.DataFrame(interventions, columns=list(tables.INTERVENTIONS.names))
        # The field of the analysis that holds what was tried, or a stand-in for it.
        object.__setattr__(analysis, "remedy", SimpleNamespace(interventions=frame, settings={}))
        return findings(analysis, lang=lang)[0]

    return finding


def test_a_contradicted_row_says_that_the_change_did_not_come(said):
    assert said([HARMLESS]).sentence.endswith(
        "Not chance (q = 0.003), but lowering clarity in the same images does not do the same "
        "(recall −1 points, 95 % interval −4 to +2; −14 was to be expected): something that goes "
        "with it is the likelier reason."
    )
    assert said([HARMLESS], "zh").sentence.endswith(
        "并非偶然（q = 0.003），但降低同一批图像的清晰度并未得到同样的结果（召回率变化−1个百分点，"
        "95%置信区间−4至+2；预期为−14）：更可能的原因是与之同时变化的其他因素。"
    )


def test_a_confirmed_row_says_how_much_came(said):
    text = said([SHARPENED, BLURRED], kind="confirmed").sentence
    assert text.endswith(
        "Not chance (q = 0.003), and lowering clarity in the same images does the same (recall −19 "
        "points, 95 % interval −24 to −13; −14 was to be expected)."
    )
    chinese = said([SHARPENED, BLURRED], "zh", kind="confirmed").sentence
    assert "且降低同一批图像的清晰度得到一致的结果" in chinese


def test_what_explains_a_contradicted_row_is_named(said):
    text = said([HARMLESS], explained_by="dose").sentence
    assert "does not do the same" in text
    assert text.endswith(", and dose accounts for it: compare dose first.")


def test_of_two_contradictions_the_one_that_promised_more_is_told(said):
    assert "lowering clarity" in said([SHARPENED, HARMLESS]).sentence
    assert "raising clarity" in said([SHARPENED]).sentence


def test_no_advice_to_mend_what_changed_nothing(said):
    pattern = {"pattern": "information loss"}
    assert "enhance" in said([], **pattern).sentence
    assert "enhance" not in said([HARMLESS], **pattern).sentence
    assert "enhance" in said([BLURRED], kind="confirmed", **pattern).sentence
    # A threshold can be moved whatever is behind it.
    shift = said([HARMLESS], pattern="criterion shift").sentence
    assert "move a threshold" in shift


@pytest.mark.parametrize("kind", ["nothing", "candidate", "capped", "mix", "margin", "untested"])
def test_a_row_that_is_not_real_says_nothing_of_it(said, kind):
    assert said([HARMLESS], kind=kind) == said([], kind=kind)


def test_what_was_not_checked_or_is_of_another_row_changes_nothing(said):
    unchecked = {**HARMLESS, "verdict": tables.NOT_CHECKED}
    for other in ([], [unchecked], [{**HARMLESS, "class": "normal"}]):
        text = said(other).sentence
        assert text.endswith("; whether clarity itself is the reason has not been checked.")


def test_a_row_and_its_interventions_that_disagree_are_not_mixed(said):
    # The verdict was not fed: the sentence keeps to the row.
    assert "has not been checked" in said([BLURRED]).sentence
    assert "changing clarity" in said([HARMLESS], kind="confirmed").sentence


def test_the_numbers_are_evidence(said):
    found = said([HARMLESS]).evidence
    moved = {key: value for key, value in found.items() if key.startswith("moved")}
    assert moved == {
        "moved_change": -0.01,
        "moved_low": -0.04,
        "moved_high": 0.02,
        "moved_expected": -0.14,
    }
    assert not any(key.startswith("moved") for key in said([]).evidence)

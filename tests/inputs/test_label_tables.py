"""Files of several labels per image → lists that read as the same samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensitivity.errors import InputError
from sensitivity.inputs.label_tables import read_label_predictions
from sensitivity.inputs.multilabel import LabelSamples
from sensitivity.inputs.samples import read_samples

SCORES = [[0.9, 0.2, 0.6], [0.3, 0.8, 0.1], [0.1, 0.2, 0.3]]
HOT = [[1, 0, 1], [1, 1, 0], [0, 0, 0]]
CLASSES = ("cat", "dog", "cow")
NAMES = ["007.png", "8.png", "9.png"]
WHOLE = "name,label,score_cat,score_dog,score_cow,lamp\n"


def table_of(kind: str) -> pd.DataFrame:
    table = pd.DataFrame({"name": NAMES, "lamp": [1.5, 2.5, 3.5]})
    if kind == "cells":
        table["label"] = ["cat;cow", "cat; dog", None]
    else:
        for index in (2, 0, 1):  # the order of the scores counts
            table[f"label_{CLASSES[index]}"] = [row[index] for row in HOT]
    for index, name in enumerate(CLASSES):
        table[f"score_{name}"] = [row[index] for row in SCORES]
    return table


def samples_of(path: Path) -> LabelSamples:
    read = read_label_predictions(path)
    found = read_samples(
        read.pred_list,
        read.label_list,
        read.name_list,
        "multi_label_classification",
        label_map_dict=read.label_map,
    )
    assert isinstance(found, LabelSamples)
    return found


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
@pytest.mark.parametrize("kind", ["cells", "columns"])
def test_tables_read_as_the_same_samples(kind: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"p.{suffix}"
    table = table_of(kind)
    if suffix == "parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, sep="," if suffix == "csv" else "\t")
    found = samples_of(path)
    assert found.names.tolist() == NAMES
    assert found.classes == CLASSES
    assert found.truth.astype(int).tolist() == HOT
    assert found.scores.tolist() == SCORES
    assert list(read_label_predictions(path).columns) == ["lamp"]


def test_lists_in_parquet(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": NAMES, "label": [["cat", "cow"], ["cat", "dog"], []]})
    table["score"] = SCORES
    table["pred"] = [["cat"], ["dog"], ["cow", "dog"]]
    table.drop(columns="score").to_parquet(tmp_path / "p.parquet")
    found = samples_of(tmp_path / "p.parquet")
    assert found.classes == ("cat", "cow", "dog")
    assert found.called.sum(axis=1).tolist() == [1, 1, 2]
    table.assign(label=[[0, 2], [0, 1], None]).drop(columns="pred").to_parquet(
        tmp_path / "q.parquet"
    )
    found = samples_of(tmp_path / "q.parquet")
    assert found.truth.astype(int).tolist() == HOT
    assert found.scores.tolist() == SCORES


def test_labels_given_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("name,label,pred\na,cat;dog,cat\nb,,\nc,3,dog;cat\n")
    read = read_label_predictions(path)
    assert read.pred_list.tolist() == [["cat"], [], ["dog", "cat"]]
    assert read.label_list.tolist() == [["cat", "dog"], [], ["3"]]
    assert samples_of(path).classes == ("3", "cat", "dog")


def test_one_label_each_is_a_list_of_one(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("name,label,pred\na,cat,dog\nb,dog,cat\n")
    read = read_label_predictions(path)
    assert read.label_list.tolist() == [["cat"], ["dog"]]
    assert samples_of(path).called.tolist() == [[False, True], [True, False]]


def test_numbers_for_names(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("name,label,prob_0,prob_1\na,0;1,0.5,0.1\nb,1,0.2,0.3\nc,,0,0\n")
    assert samples_of(path).truth.tolist() == [[True, True], [False, True], [False, False]]
    path.write_text("name,label,prob_0,prob_1\na,0,0.5,0.1\nb,1,0.2,0.3\nc,,0,0\n")
    assert samples_of(path).truth.tolist() == [[True, False], [False, True], [False, False]]
    path.write_text("name,label_1,label_0,prob_0,prob_1\na,1,0,0.5,0.1\nb,1,1,0.2,0.3\n")
    assert samples_of(path).truth.tolist() == [[False, True], [True, True]]


def test_decisions_beside_columns_of_labels(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("name,label_cat,label_dog,pred\na,1,0,cat\nb,0,0,dog;cat\n")
    found = samples_of(path)
    assert found.classes == ("cat", "dog")
    assert found.called.tolist() == [[True, False], [True, True]]
    assert found.truth.tolist() == [[True, False], [False, False]]


def test_array_files(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    np.savez(path, scores=np.array(SCORES), labels=np.array(HOT), names=np.array(NAMES))
    found = samples_of(path)
    assert found.truth.astype(int).tolist() == HOT
    assert found.scores.tolist() == SCORES


def test_a_file_without_labels(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("name,score_cat,score_dog\na,0.1,0.2\n")
    read = read_label_predictions(path)
    assert read.label_list is None
    assert read.label_map == {0: "cat", 1: "dog"}


def test_columns_beside_a_column_of_all_labels_are_covariates(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("name,label,label_source,score_cat,score_dog,pred\na,cat,web,0.1,0.2,cat\n")
    read = read_label_predictions(path)
    assert list(read.columns) == ["label_source"]
    assert read.notes == (
        "scores were used, not the column pred",
        "column label: the labels of an image are parted by ';'",
    )


def test_names_become_paths_under_the_folder(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "a.png").touch()
    path = tmp_path / "p.csv"
    path.write_text("name,label,score_cat,score_dog\na.png,cat,0.1,0.2\n")
    read = read_label_predictions(path, images=tmp_path)
    assert [Path(name).as_posix() for name in read.name_list] == ["day/a.png"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "name,label_cat,score_cat,score_dog\na,1,0.1,0.2\n",
            "columns: expected a column of scores and one of labels for each label, got no "
            "label_dog (p.csv)",
        ),
        (
            "name,label_cat,label_dog,label_cow,score_cat,score_dog\na,1,1,1,0.1,0.2\n",
            "columns: expected a column of scores and one of labels for each label, got "
            "label_cow without scores (p.csv)",
        ),
        (
            "name,label,score\na,cat;dog,0.5\n",
            "columns: expected a score for each label: score_cat, score_dog, …, got score (p.csv)",
        ),
        (
            "name,label_cat,label_dog,score_cat,score_dog\na,yes,no,0.1,0.2\n",
            "column label_cat: expected numbers, got 'yes' (p.csv, line 2)",
        ),
        (
            "filename,index,label,prob\na,1,cat,0.5\n",
            "columns: expected score_…, or pred as cat;dog, beside label as cat;dog, got those of "
            "timm's inference script (p.csv)",
        ),
        (
            "name,label,score_all,score_dog\na,dog,0.1,0.2\n",
            'columns: expected no class named "all", which stands for all classes together, got '
            "all",
        ),
    ],
    ids=range(6),
)
def test_files_that_cannot_be_read(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_label_predictions(path)
    assert str(raised.value) == message

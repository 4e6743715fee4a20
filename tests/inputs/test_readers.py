"""Files of predictions → the three lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sensitivity.errors import InputError, OptionError
from sensitivity.inputs.readers import read_predictions
from sensitivity.inputs.samples import read_samples


def written(text: str, name: str = "p.csv") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8", newline="")
    return path


@st.composite
def predictions(draw):
    n, c = draw(st.integers(1, 8)), draw(st.integers(2, 4))
    name = st.text("ab01,\"' é/", min_size=1, max_size=6)
    return (
        draw(arrays(np.float64, (n, c), elements=st.floats(-1e6, 1e6))),
        draw(arrays(np.int64, n, elements=st.integers(0, c - 1))),
        draw(st.lists(name, min_size=n, max_size=n)),
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(predictions(), st.sampled_from(["csv", "tsv", "parquet", "npz"]))
def test_what_is_written_is_read(lists, suffix):
    scores, labels, names = lists
    sites = [f"site {name}" for name in names]
    frame = pd.DataFrame({"name": names, "label": labels, "lamp": labels * 0.5, "site": sites})
    for index in range(scores.shape[1]):
        frame[f"logit_{index}"] = scores[:, index]
    path = Path(f"p.{suffix}")
    match suffix:
        case "csv":
            frame.to_csv(path, index=False)
        case "tsv":
            frame.to_csv(path, index=False, sep="\t")
        case "parquet":
            frame.to_parquet(path)
        case "npz":
            others = {"lamp": labels * 0.5, "site": np.array(sites)}
            np.savez(path, logits=scores, labels=labels, names=np.array(names), **others)
    read = read_predictions(path)
    np.testing.assert_array_equal(read.pred_list, scores)
    assert read.label_list.tolist() == labels.tolist()
    assert read.name_list == names
    assert read.columns["lamp"].tolist() == (labels * 0.5).tolist()
    assert read.columns["site"].tolist() == sites
    assert read.label_map is None
    assert (
        read_samples(read.pred_list, read.label_list, read.name_list).y.tolist() == labels.tolist()
    )


def test_classes_instead_of_scores():
    read = read_predictions(written("name,label,pred\na,0,1\nb,2,2\n"))
    assert (read.pred_list.tolist(), read.label_list.tolist()) == ([1, 2], [0, 2])
    assert read.columns is None
    assert read.notes == ()


def test_bom_crlf_blanks_in_headers_and_blank_lines():
    read = read_predictions(written("\ufeffname, label ,pred\r\na,0,1\r\n\r\nb,2,2\r\n"))
    assert read.name_list == ["a", "b"]
    assert read.label_list.tolist() == [0, 2]


def test_names_that_look_like_numbers_stay_text():
    assert read_predictions(written("name,label,pred\n007,0,1\n08,1,1\n")).name_list == [
        "007",
        "08",
    ]


def test_quoted_names_with_commas_and_line_ends():
    read = read_predictions(written('name,pred\n"a,b\nc.png",1\n'))
    assert read.name_list == ["a,b\nc.png"]


def test_line_ends_in_names_of_a_large_file():
    names = [f"{i:07}\n.png" for i in range(100_000)]
    rows = "".join(f'"{name}",1\n' for name in names)
    assert read_predictions(written("name,pred\n" + rows)).name_list == names


def test_types_deep_in_a_large_file_count():
    rows = [f"{i}.png,0,{i % 2},1" for i in range(200_000)] + ["last.png,0,1,0.5"]
    read = read_predictions(written("name,label,pred,lamp\n" + "\n".join(rows)))
    assert read.columns["lamp"].iloc[-1] == 0.5
    assert len(read.name_list) == 200_001


class TestClassNames:
    def test_in_label_and_pred(self):
        read = read_predictions(written("name,label,pred\na,c10,c9\nb,c9,c9\n"))
        assert read.label_map == {0: "c9", 1: "c10"}
        assert (read.pred_list.tolist(), read.label_list.tolist()) == ([0, 0], [1, 0])
        assert read.notes == ("classes are numbered by the sorted names in labels and predictions",)

    def test_in_the_headers_of_scores(self):
        text = "name,label,pred,score_dog,score_cat\na,cat,dog,0.9,0.1\nb,dog,cat,0.8,0.2\n"
        read = read_predictions(written(text))
        assert read.label_map == {0: "dog", 1: "cat"}
        assert read.label_list.tolist() == [1, 0]
        note = "scores were used, not the column of predicted classes, which differs from their "
        assert read.notes == (note + "argmax in 1 rows",)

    def test_labels_as_positions_of_named_scores(self):
        read = read_predictions(written("name,label,prob_dog,prob_cat\na,1,0.9,0.1\n"))
        assert read.label_list.tolist() == [1]
        assert "labels were taken as positions of the named score columns" in read.notes

    def test_beside_numbered_scores_they_wait_for_a_label_map(self):
        read = read_predictions(
            written("name,label,score_0,score_1\na,ok,0.9,0.1\nb,bad,0.8,0.2\n")
        )
        assert read.label_list.tolist() == ["ok", "bad"]
        lists = read.pred_list, read.label_list, read.name_list
        assert read_samples(*lists, label_map_dict=["ok", "bad"]).y.tolist() == [0, 1]
        with pytest.raises(InputError, match="labels: expected label_map_dict to tell the index"):
            read_samples(*lists)

    def test_a_class_may_be_called_na(self):
        read = read_predictions(written("name,label,pred\na,NA,nan\nb,x,x\n"))
        assert read.label_map == {0: "NA", 1: "nan", 2: "x"}

    @pytest.mark.parametrize("header", ["score_all", "score_dog"])
    def test_headers_obey_the_rules_of_class_names(self, header):
        with pytest.raises(InputError, match="columns: expected"):
            read_predictions(written(f"name,score_dog,{header}\na,0.9,0.1\n"))

    def test_a_label_that_no_header_has(self):
        text = "name,label,score_dog,score_cat\na,dog,1,0\nb,cow,0,1\n"
        with pytest.raises(
            InputError, match=r"labels: expected .* \(dog, cat\), got 'cow' \(row 1"
        ):
            read_predictions(written(text))


class TestScores:
    def test_parquet_keeps_float32(self):
        frame = pd.DataFrame({"name": ["a"], "score_0": [0.5], "score_1": [1.5]})
        frame.astype({"score_0": "float32", "score_1": "float32"}).to_parquet("p.parquet")
        assert read_predictions("p.parquet").pred_list.dtype == np.float32

    def test_one_score_is_of_class_one(self):
        read = read_predictions(written("name,label,score\na,1,0.7\nb,0,0.2\n"))
        assert read.pred_list.tolist() == [0.7, 0.2]
        samples = read_samples(read.pred_list, read.label_list, read.name_list, threshold=0.5)
        assert samples.predicted.tolist() == [1, 0]

    def test_lists_in_one_column(self):
        pd.DataFrame({"name": ["a", "b"], "logits": [[0.5, 1.5], [2.0, 0.0]]}).to_parquet(
            "p.parquet"
        )
        expected = [[0.5, 1.5], [2.0, 0.0]]
        assert read_predictions("p.parquet").pred_list.tolist() == expected
        text = 'name,logits\na,[0.5 1.5]\nb,"[2.0, 0.0]"\n'
        assert read_predictions(written(text)).pred_list.tolist() == expected

    def test_missing_scores_are_left_to_the_samples(self):
        read = read_predictions(written("name,label,score_0,score_1\na,0,1,2\nb,0,,2\n"))
        with pytest.raises(InputError, match=r"scores: expected numbers, got nan \(row 1, 'b'\)"):
            read_samples(read.pred_list, read.label_list, read.name_list)


def test_covariates_are_numbers_or_text():
    text = (
        "name,pred,number,count,gap,site,flag,day,empty\n"
        "a,0,0.5,1,,north,true,2020-01-02,\n"
        "b,0,1.5,2,3,,false,2020-01-03,\n"
    )
    columns = read_predictions(written(text)).columns
    assert list(columns) == ["number", "count", "gap", "site", "flag", "day", "empty"]
    for name in ("number", "count", "gap", "empty"):
        assert pd.api.types.is_numeric_dtype(columns[name]), name
    for name in ("site", "flag"):
        assert not pd.api.types.is_numeric_dtype(columns[name]), name
    assert columns["gap"].isna().tolist() == [True, False]
    assert columns["flag"].tolist() == ["true", "false"]
    assert columns["day"].tolist() == [pd.Timestamp("2020-01-02"), pd.Timestamp("2020-01-03")]


def test_covariates_of_parquet():
    frame = pd.DataFrame(
        {"name": ["a"], "pred": [0], "kind": pd.Categorical(["x"]), "boxes": [[1, 2]]}, index=[7]
    )
    frame.to_parquet("p.parquet")
    read = read_predictions("p.parquet")
    assert list(read.columns) == ["kind"]
    assert read.columns["kind"].tolist() == ["x"]
    assert read.notes == ("column boxes was left out, as it holds lists",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "file: expected a readable CSV file in UTF-8 with a header, got Empty CSV file (p.csv)",
        ),
        ("name,label,pred\n", "file: expected at least one row, got none (p.csv)"),
        (
            "name,label,pred\na,0\n",
            "file: expected a readable CSV file in UTF-8 with a header, got CSV parse error: "
            "Expected 3 columns, got 2: a,0 (p.csv)",
        ),
        (
            "name,label,pred\na,0,1\nb,,1\n",
            "column label: expected a value, got none (p.csv, line 3)",
        ),
        (
            "name,label,pred\na,cat,dog\nb,,dog\n",
            "column label: expected a value, got none (p.csv, line 3)",
        ),
        (
            "name,label,pred\na,0,1\n,0,1\n",
            "column name: expected a value, got none (p.csv, line 3)",
        ),
        (
            "name,label,pred\na,0,1\nb,0,\n",
            "column pred: expected a value, got none (p.csv, line 3)",
        ),
        ("name,label,pred\na,,1\n", "column label: expected a value, got none (p.csv, line 2)"),
        (
            "name,label,pred\na,0,1\nb,0.5,1\n",
            "labels: expected whole numbers or names, got 0.5 (row 1)",
        ),
        (
            "name,score_0,score_1\na,0.1,0.9\nb,x,0.9\n",
            "column score_0: expected numbers, got 'x' (p.csv, line 3)",
        ),
        (
            "name,scores\na,[0.1 0.9]\nb,[0.1]\n",
            "column scores: expected 2 numbers in each list, got 1 (p.csv, line 3)",
        ),
        ("name,pred,pred\na,0,1\n", "columns: expected each header once, got 'pred' (p.csv)"),
        (
            "name;label;pred\na;0;1\n",
            "columns: expected one of name, filename, file, path, image for the names, got "
            "name;label;pred (p.csv)",
        ),
    ],
)
def test_a_table_that_cannot_be_used_says_why(text, message):
    with pytest.raises(InputError) as raised:
        read_predictions(written(text))
    assert str(raised.value) == message


def test_text_that_is_not_utf8():
    Path("p.csv").write_bytes("name,label,pred\n中文.png,0,1\n".encode("gbk"))
    with pytest.raises(InputError, match=r"file: expected a readable CSV file in UTF-8"):
        read_predictions("p.csv")


def test_files_that_are_none():
    with pytest.raises(InputError, match=r"file: expected an existing file, got nowhere.csv"):
        read_predictions("nowhere.csv")
    with pytest.raises(InputError, match=r"file: expected an existing file, got nowhere.npz"):
        read_predictions("nowhere.npz")
    Path("p.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match=r"file: expected a readable PARQUET file, got"):
        read_predictions("p.parquet")
    for content in (b"", b"not really"):
        Path("p.npz").write_bytes(content)
        with pytest.raises(InputError, match=r"file: expected arrays of numbers or text"):
            read_predictions("p.npz")
    with pytest.raises(InputError, match=r"got p.pt \(save tensors with numpy.savez\)"):
        read_predictions("p.pt")
    with pytest.raises(InputError, match=r"file: expected one of .csv, .tsv, .parquet, .npz, .npy"):
        read_predictions("p.xlsx")


class TestArrays:
    NAMES = ("a.png", "b.png")

    def test_npy_with_names_of_all_kinds(self):
        np.save("scores.npy", [[0.1, 0.9], [0.8, 0.2]])
        np.save("names.npy", self.NAMES)
        written("a.png\nb.png\n\n", "names.txt")
        written("image,x\na.png,1\nb.png,2\n", "names.csv")
        for names in ("names.npy", "names.txt", "names.csv", self.NAMES, np.array(self.NAMES)):
            read = read_predictions("scores.npy", names=names, labels=[1, 0])
            assert read.name_list == list(self.NAMES)
            assert read.pred_list.tolist() == [[0.1, 0.9], [0.8, 0.2]]
            assert read.label_list.tolist() == [1, 0]

    def test_labels_of_all_kinds(self):
        np.save("pred.npy", [1, 0])
        np.save("labels.npy", [1.0, 0.0])
        written("1\n0\n", "labels.txt")
        written("file,target\nb.png,0\na.png,1\n", "labels.csv")
        for labels in ("labels.npy", "labels.csv", [1, 0], [[1], [0]]):
            read = read_predictions("pred.npy", names=self.NAMES, labels=labels)
            assert read.label_list.tolist() == [1, 0]
            assert read.label_list.dtype == np.int64
            assert read.pred_list.tolist() == [1, 0]
        read = read_predictions("pred.npy", names=self.NAMES, labels="labels.txt")
        assert read_samples(read.pred_list, read.label_list, read.name_list).y.tolist() == [1, 0]

    @pytest.mark.parametrize("key", ["scores", "logits", "probs", "logit", "Scores"])
    def test_keys(self, key):
        arrays = {key: np.eye(2), "targets": [0, 1], "filenames": self.NAMES, "table": np.eye(3)}
        np.savez("p.npz", **arrays)
        read = read_predictions("p.npz")
        assert read.label_list.tolist() == [0, 1]
        assert read.name_list == list(self.NAMES)
        assert read.notes == ("array table was left out, as it does not hold one value per name",)

    def test_scores_beside_classes_of_another_kind_or_length(self):
        note = "scores were used, not the column of predicted classes"
        for pred in (["x", "y"], [0, 1, 1]):
            np.savez("p.npz", scores=np.eye(2), pred=pred, labels=[0, 1], names=self.NAMES)
            read = read_predictions("p.npz")
            assert read.notes == (note,)
            assert read.pred_list.tolist() == [[1, 0], [0, 1]]

    def test_names_given_win(self):
        np.savez("p.npz", pred=[0, 1], names=["x", "y"])
        assert read_predictions("p.npz", names=self.NAMES).name_list == list(self.NAMES)

    @pytest.mark.parametrize(
        ("arrays", "message"),
        [
            (
                {"labels": [0], "names": ["a"]},
                "file: expected an array scores, logits, probs or pred, got labels, names (p.npz)",
            ),
            ({"pred": [0]}, "names: expected names=…, as the file has none, got pred (p.npz)"),
            (
                {"scores": [[0, 1]], "logits": [[0, 1]], "names": ["a"]},
                "file: expected one of them, got scores and logits (p.npz)",
            ),
        ],
    )
    def test_keys_that_are_missing_or_too_many(self, arrays, message):
        np.savez("p.npz", **arrays)
        with pytest.raises(InputError) as raised:
            read_predictions("p.npz")
        assert str(raised.value) == message

    def test_pickled_objects_are_not_opened(self):
        np.savez("p.npz", pred=[0], names=np.array([Path("a")], dtype=object), allow_pickle=True)
        with pytest.raises(InputError, match="not pickled objects"):
            read_predictions("p.npz")

    def test_names_that_cannot_be_read(self):
        np.save("pred.npy", [1, 0])
        with pytest.raises(InputError, match=r"names: expected an existing file .*got nowhere.txt"):
            read_predictions("pred.npy", names="nowhere.txt")
        written("a", "names.json")
        with pytest.raises(InputError, match=r"names: expected a file of .*got names.json"):
            read_predictions("pred.npy", names="names.json")
        written("x,y\n1,2\n", "names.csv")
        with pytest.raises(InputError, match=r"columns: expected one of name, .*got x, y"):
            read_predictions("pred.npy", names="names.csv")

    def test_tables_have_names_of_their_own(self):
        with pytest.raises(OptionError, match="names: only array files need them"):
            read_predictions(written("name,pred\na,0\n"), names=["b"])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_dates_and_times_stay_what_they_are(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"p.{suffix}"
    day, moment = pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-01 06:30:00")
    frame = pd.DataFrame(
        {"name": ["a", "b"], "label": [0, 1], "pred": [0, 1], "day": day, "moment": moment}
    )
    if suffix == "csv":
        frame.assign(day="2024-03-01").to_csv(path, index=False)
    else:
        frame.assign(day=day.date()).to_parquet(path, index=False)
    columns = read_predictions(path).columns
    assert columns["day"].tolist() == [day, day]
    assert columns["moment"].tolist() == [moment, moment]

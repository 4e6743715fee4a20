"""True classes from elsewhere: a table, a folder, a list; and files of predictions without any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensitivity.errors import InputError
from sensitivity.inputs.readers import labels_from_folder, read_predictions


def written(text: str, name: str = "p.csv") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def folder_of(*names: str, root: str = "val") -> Path:
    for name in names:
        path = Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return Path(root)


class TestTruthFromElsewhere:
    SCORES = "name,score_0,score_1\n{a},0.1,0.9\n{b},0.8,0.2\n"

    def test_none_is_none(self):
        assert read_predictions(written("name,pred\na,0\n")).label_list is None

    def test_a_table_in_another_order(self):
        written("name,label,x\nb.png,0,1\nc.png,1,1\na.png,1,1\n", "truth.csv")
        read = read_predictions(
            written(self.SCORES.format(a="a.png", b="b.png")), labels="truth.csv"
        )
        assert read.label_list.tolist() == [1, 0]

    def test_a_table_with_other_folders(self):
        written("name,label\nval/b.png,0\nval/a.png,1\n", "truth.csv")
        for a, b in (("a.png", "b.png"), ("/data/val/a.png", "/data/val/b.png")):
            read = read_predictions(written(self.SCORES.format(a=a, b=b)), labels=Path("truth.csv"))
            assert read.label_list.tolist() == [1, 0]

    def test_a_table_that_contradicts_itself(self):
        written("name,label\na.png,0\na.png,1\nb.png,1\n", "truth.csv")
        with pytest.raises(InputError, match=r"names: expected names that fit one path .*'a.png'"):
            read_predictions(written(self.SCORES.format(a="a.png", b="b.png")), labels="truth.csv")

    def test_a_list_of_another_length(self):
        with pytest.raises(InputError, match="labels: expected one per name, got 3 labels for 2"):
            read_predictions(written(self.SCORES.format(a="a", b="b")), labels=[0, 1, 1])

    def test_a_folder(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg")
        read = read_predictions(written(self.SCORES.format(a="dog/1.jpg", b="2.jpg")), labels=root)
        assert read.label_list.tolist() == [1, 0]
        assert read.label_map == {0: "cat", 1: "dog"}
        expected = labels_from_folder(root, ["dog/1.jpg", "2.jpg"])
        assert (read.label_list.tolist(), read.label_map) == (expected[0].tolist(), expected[1])

    def test_a_folder_with_named_scores_goes_by_name(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg")
        text = "name,score_dog,score_cat\n1.jpg,0.1,0.9\n2.jpg,0.8,0.2\n"
        read = read_predictions(written(text), labels=root)
        assert read.label_map == {0: "dog", 1: "cat"}
        assert read.label_list.tolist() == [0, 1]

    def test_a_folder_beside_one_score(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg")
        read = read_predictions(written("name,score\n1.jpg,0.7\n2.jpg,0.2\n"), labels=root)
        assert (read.label_list.tolist(), read.notes) == ([1, 0], ())

    def test_a_folder_with_fewer_classes_than_scores(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg")
        text = "name,score_0,score_1,score_2\n1.jpg,0,1,0\n2.jpg,1,0,0\n"
        read = read_predictions(written(text), labels=root)
        assert read.notes == ("2 class folders were taken as the first classes of the scores",)

    def test_the_labels_of_the_file_give_way(self):
        read = read_predictions(written("name,label,pred\na,0,1\nb,0,1\n"), labels=[1, 1])
        assert read.label_list.tolist() == [1, 1]
        assert read.notes == ("labels were taken from labels=, not from the file",)

    def test_base_names_are_found_below_the_images(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg")
        read = read_predictions(written("name,pred\n1.jpg,0\n2.jpg,1\n"), images=root)
        assert read.name_list == ["dog/1.jpg", "cat/2.jpg"]


class TestTimm:
    """The files that timm's inference script writes with its various options."""

    NOTE = "p.csv: columns of timm's inference script, whose label is the prediction"

    def test_without_labels_there_is_no_truth(self):
        read = read_predictions(written("filename,label,prob\n1.jpg,dog,0.9\n2.jpg,cat,0.8\n"))
        assert read.label_list is None
        assert read.label_map == {0: "cat", 1: "dog"}
        assert read.pred_list.tolist() == [1, 0]
        assert read.columns is None
        assert read.notes[0] == self.NOTE

    def test_class_names(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg", "cow/3.jpg")
        text = "filename,label,prob\n1.jpg,dog,0.9\n2.jpg,cow,0.8\n"
        read = read_predictions(written(text), labels=root, images=root)
        assert read.label_map == {0: "cat", 1: "cow", 2: "dog"}
        assert read.label_list.tolist() == [2, 0]
        assert read.pred_list.tolist() == [2, 1]
        assert read.name_list == ["dog/1.jpg", "cat/2.jpg"]

    def test_indices_are_in_the_order_timm_gives_class_folders(self):
        root = folder_of("c10/1.jpg", "c9/2.jpg")
        for text in (
            "filename,index,prob\n1.jpg,1,0.9\n2.jpg,0,0.8\n",
            'filename,index,label,prob\n1.jpg,1,"tench, fish",0.9\n2.jpg,0,cock,0.8\n',
        ):
            read = read_predictions(written(text), labels=root)
            assert read.label_map == {0: "c9", 1: "c10"}
            assert read.label_list.tolist() == [1, 0]
            assert read.pred_list.tolist() == [1, 0]
            assert "predicted indices were taken in the order of the class folders" in read.notes

    def test_class_names_that_are_numbers(self):
        root = folder_of("10/1.jpg", "9/2.jpg")
        read = read_predictions(
            written("filename,label,prob\n1.jpg,9,0.9\n2.jpg,9,0.8\n"), labels=root
        )
        assert read.label_map == {0: "10", 1: "9"}
        assert (read.pred_list.tolist(), read.label_list.tolist()) == ([1, 1], [0, 1])

    def test_the_best_of_several(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg")
        texts = (
            "filename,index,label,prob\n1.jpg,[1 0],['dog' 'cat'],[0.9 0.1]\n"
            "2.jpg,[1 0],\"['dog' 'cat']\",[0.8 0.2]\n",
            "filename,index_0,index_1,label_0,label_1,prob_0,prob_1\n"
            "1.jpg,1,0,dog,cat,0.9,0.1\n2.jpg,1,0,dog,cat,0.8,0.2\n",
            "filename,label_0,label_1,prob_0,prob_1\n1.jpg,dog,cat,0.9,0.1\n2.jpg,dog,cat,0.8,0.2\n",
            "filename,index,prob\n1.jpg,[1 0],[0.9 0.1]\n2.jpg,[1 0],[0.8 0.2]\n",
        )
        for text in texts:
            read = read_predictions(written(text), labels=root)
            assert read.pred_list.tolist() == [1, 1], text
            assert read.label_list.tolist() == [1, 0], text

    def test_parquet_with_lists(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg")
        frame = pd.DataFrame(
            {
                "filename": ["1.jpg", "2.jpg"],
                "label": [np.array(["dog", "cat"])] * 2,
                "prob": [np.array([0.9, 0.1])] * 2,
            }
        )
        frame.set_index("filename").to_parquet("p.parquet")
        assert read_predictions("p.parquet", labels=root).pred_list.tolist() == [1, 1]

    def test_all_outputs_in_columns_are_scores(self):
        root = folder_of("dog/1.jpg", "cat/2.jpg")
        text = "filename,logit_0,logit_1\n1.jpg,-1,3\n2.jpg,2,0\n"
        read = read_predictions(written(text), labels=root)
        assert read.pred_list.tolist() == [[-1, 3], [2, 0]]
        assert read.label_list.tolist() == [1, 0]

    def test_words_that_are_no_class_folders(self):
        root = folder_of("n01440764/1.jpg", "n01514668/2.jpg")
        text = 'filename,label,prob\n1.jpg,"tench, Tinca tinca",0.9\n2.jpg,cock,0.8\n'
        with pytest.raises(InputError, match="run timm with --include-index, got 'tench, Tinca"):
            read_predictions(written(text), labels=root)

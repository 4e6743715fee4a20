"""The images that the page shows, and what is told of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sensitivity import analyse
from sensitivity.bins import bin_values
from sensitivity.report.content import content
from sensitivity.report.samples import samples

NAME, LABEL, PREDICTED, SCORE, SCORE_TRUE, VALUES, THUMB, REASON = range(8)


def shown(case: Any, **options: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    features = content(case.analysis)["features"]
    return features, samples(case.analysis, features, **options)


def test_each_image_as_the_tables_have_it(three: Any) -> None:
    features, found = shown(three)
    outcomes = three.analysis.outcomes.set_index("name")
    values = three.analysis.features.set_index("name")
    assert len(found["images"]) > 50
    for image in found["images"]:
        row = outcomes.loc[image[NAME]]
        assert (image[LABEL], image[PREDICTED]) == (row["class"], row["predicted"])
        assert image[SCORE] == pytest.approx(row["score"], abs=1e-4)
        assert image[SCORE_TRUE] == pytest.approx(row["score_true"], abs=1e-4)
        for feature, value in zip(features, image[VALUES], strict=True):
            given = values.loc[image[NAME], feature["feature"]]
            if value is None:
                assert np.isnan(given)
            elif isinstance(value, str):
                assert value == given
            else:
                assert value == pytest.approx(given, rel=1e-3)


def test_each_place_is_of_its_bin_and_role(three: Any) -> None:
    features, found = shown(three)
    for feature in features:
        entry = next(
            each
            for each in three.analysis.settings["features"]
            if each["name"] == feature["feature"]
        )
        column = three.analysis.features[feature["feature"]]
        codes = bin_values(column, edges=entry["edges"] or entry["categories"]).codes
        code_of = dict(zip(three.analysis.features["name"], codes, strict=True))
        assert set(found["bins"][feature["id"]]) == {str(row["code"]) for row in feature["bins"]}
        for code, roles in found["bins"][feature["id"]].items():
            for role, places in roles.items():
                images = [found["images"][place] for place in places]
                assert {code_of[image[NAME]] for image in images} == {int(code)}
                right = {image[LABEL] == image[PREDICTED] for image in images}
                assert right == {role == "right"}


def test_errors_of_a_class_are_told_by_its_name(two: Any) -> None:
    features, found = shown(two)
    trends = two.analysis.trends
    told = trends[trends["strength"].isin(["real", "candidate"]) & (trends["class"] != "all")]
    assert len(told) > 0
    id_of = {feature["feature"]: feature["id"] for feature in features}
    for feature, name in zip(told["feature"], told["class"], strict=True):
        code, places = found["errors"][id_of[feature]][name]
        assert code >= 0
        for place in places:
            image = found["images"][place]
            assert name in (image[LABEL], image[PREDICTED])
            assert image[LABEL] != image[PREDICTED]


def test_no_more_images_than_wanted(three: Any) -> None:
    _, found = shown(three, most=7)
    assert len(found["images"]) == 7
    places = {
        place
        for of_feature in found["bins"].values()
        for roles in of_feature.values()
        for listed in roles.values()
        for place in listed
    }
    assert places <= set(range(7))


def test_without_tables_nothing(two: Any) -> None:
    given = two.analysis
    bare = replace(given, features=given.features.iloc[:0], outcomes=given.outcomes.iloc[:0])
    found = samples(bare, content(given)["features"])
    assert (found["images"], found["thumbs"], found["bins"], found["errors"]) == ([], [], {}, {})


def test_pictures_and_reasons(tmp_path: Path) -> None:
    names = [f"{i}.png" for i in range(40)]
    for place, name in enumerate(names[1:]):
        Image.new("RGB", (20, 10), (place, 0, 0)).save(tmp_path / name)
    analysis = analyse(
        [0, 1] * 20, [0, 1] * 20, names, images=tmp_path, features=["brightness"],
        columns={"hour": [0.0] * 20 + [1.0] * 20}, save_path=None, cache=False,
    )  # fmt: skip
    features = content(analysis)["features"]
    found = samples(analysis, features, images=tmp_path)
    by_name = {image[NAME]: image for image in found["images"]}
    assert found["has_pictures"]
    for name, image in by_name.items():
        if name == "0.png":
            assert image[THUMB] is None
            assert image[REASON] == "no such file"
        else:
            uri, width, height = found["thumbs"][image[THUMB]]
            assert uri.startswith("data:image/webp;base64,")
            assert (width, height, image[REASON]) == (20, 10, None)
    assert found["n_bytes"] == sum(len(uri) for uri, _, _ in found["thumbs"])
    bare = samples(analysis, features, images=tmp_path, pictures=False)
    assert not bare["has_pictures"]
    assert {image[THUMB] for image in bare["images"]} == {None}


def test_several_labels_are_listed() -> None:
    labels = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 1]] * 20)
    scores = np.where(labels == 1, 0.9, 0.1)
    scores[:40, 2] = 0.9
    analysis = analyse(
        scores, labels, [f"{i}.png" for i in range(80)], "multi_label_classification",
        label_map_dict={0: "sun", 1: "rain", 2: "snow"}, threshold=0.5, features=(),
        columns={"hour": [0] * 40 + [1] * 40}, save_path=None,
    )  # fmt: skip
    found = samples(analysis, content(analysis)["features"])
    told = {image[NAME]: image for image in found["images"]}
    names = ["sun", "rain", "snow"]
    for name, image in told.items():
        place = int(name.removesuffix(".png"))
        true = [names[k] for k in np.flatnonzero(labels[place])]
        called = [names[k] for k in np.flatnonzero(scores[place] > 0.5)]
        assert (image[LABEL], image[PREDICTED]) == (", ".join(true), ", ".join(called))
        assert (image[SCORE], image[SCORE_TRUE]) == (None, None)

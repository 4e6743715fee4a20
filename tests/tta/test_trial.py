"""From a result to a policy, end to end: real files, a model, views, a verdict."""

from pathlib import Path

import numpy as np
import pytest

from sensitivity import analyse
from sensitivity.catalogue import ViewSpec
from sensitivity.errors import InputError, OptionError, ResultError
from sensitivity.result import Analysis

torch = pytest.importorskip("torch")

import cv2  # noqa: E402

from sensitivity.tta.collect import collect  # noqa: E402
from sensitivity.tta.merge import merge  # noqa: E402
from sensitivity.tta.module import TTAModule  # noqa: E402
from sensitivity.tta.run import try_remedies  # noqa: E402
from sensitivity.tta.trial import collect_for  # noqa: E402

N = 500
SIDE = 20


class Stripes(torch.nn.Module):
    """Calls an image striped from a fixed energy on, and so misses stripes of low contrast."""

    mean = (0.5, 0.5, 0.5)
    std = (0.25, 0.25, 0.25)

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor(60.0))

    def forward(self, images):
        energy = (images[..., 1:] - images[..., :-1]).abs().mean(dim=(1, 2, 3)) * 0.25
        score = self.scale * (energy - 0.17)
        return torch.stack([-score, score], dim=1)


def preprocess(image):
    rgb = torch.from_numpy(np.ascontiguousarray(image[:, :, ::-1])).permute(2, 0, 1) / 255
    return (rgb - 0.5) / 0.25


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> tuple[Path, list[str], np.ndarray]:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, N)
    names = []
    for row, striped in enumerate(y):
        contrast = rng.uniform(0.15, 1.0)
        wave = np.sign(np.sin(np.arange(SIDE) * 1.6))[None, :] * 0.3 * contrast
        # Plain ones have half of the stripes: where contrast is high, more than striped ones of
        # low contrast, so that no threshold mends what more contrast does.
        flat = np.full((SIDE, SIDE), 0.5) + (wave if striped else wave / 2)
        grain = rng.uniform(0.005, 0.04)
        flat += rng.normal(scale=grain, size=(SIDE, SIDE)) + 0.1 * rng.normal()
        if not striped:
            flat += np.linspace(-0.4, 0.4, SIDE)[:, None] * contrast
        names.append(f"{row:03d}.png")
        cv2.imwrite(str(folder / names[-1]), (flat.clip(0, 1) * 255).round().astype(np.uint8))
    return folder, names, y


def outputs(folder, names):
    batch = torch.stack([preprocess(cv2.imread(str(folder / name))) for name in names])
    with torch.no_grad():
        return Stripes()(batch).numpy()


@pytest.fixture(scope="module")
def analysis(pictures) -> Analysis:
    folder, names, y = pictures
    scores = outputs(folder, names)
    assert 0.6 < (scores.argmax(1) == y).mean() < 0.95
    return analyse(
        scores,
        y,
        names,
        label_map_dict={0: "plain", 1: "striped"},
        images=folder,
        features=["contrast", "brightness", "noise"],
        save_path=None,
    )


@pytest.fixture(scope="module")
def logits(analysis, pictures):
    said = []
    found = collect_for(
        analysis, Stripes(), preprocess, images=pictures[0], announce=said.append, batch_size=64
    )
    assert any("about" in line for line in said)
    return found


def test_the_weak_feature_is_moved_both_ways_and_a_control_beside_it(logits) -> None:
    doses = [v.dose for v in logits.views if v.op == "contrast" and v.source == "trend"]
    assert min(doses) < 1 < max(doses)
    assert any(view.source == "control" for view in logits.views)
    place = next(i for i, v in enumerate(logits.views) if v.op == "contrast" and v.dose > 1)
    assert np.median(logits.feature("contrast", place)) > np.median(logits.feature("contrast"))


def test_the_original_is_what_the_model_says(logits, pictures) -> None:
    folder, names, y = pictures
    assert list(logits.names) == names
    assert logits.y.tolist() == y.tolist()
    np.testing.assert_allclose(logits.z[0], outputs(folder, names), atol=1e-4)
    assert logits.preprocessing["mean"] == [0.5, 0.5, 0.5]
    assert all(seconds > 0 for seconds in logits.seconds)


def test_the_loop_ends_in_a_policy_that_is_worth_it(analysis, logits, tmp_path) -> None:
    found = try_remedies(analysis, logits)
    remedy = found.remedy
    assert remedy.settings["verdict"] == "use"
    # More contrast, or what comes with it at an edge.
    assert {view.op for view in remedy.policy.views[1:]} <= {"contrast", "unsharp"}
    table = remedy.strategies.set_index(["strategy", "class", "metric"])
    assert table.loc[("policy", "all", "accuracy"), "low"] > 0.02
    confirmed = found.trends[found.trends["verdict"] == "confirmed"]
    assert "contrast" in set(confirmed["feature"])
    found.save(tmp_path)
    again = Analysis.load(tmp_path)
    assert again.remedy.policy == remedy.policy
    assert again.remedy.settings["verdict"] == "use"


def test_the_module_does_what_was_judged(analysis, logits, pictures) -> None:
    folder, names, _ = pictures
    policy = try_remedies(analysis, logits).remedy.policy
    batch = torch.stack([preprocess(cv2.imread(str(folder / name))) for name in names[:64]])
    with torch.no_grad():
        scores = TTAModule(Stripes(), policy)(batch).numpy()
    np.testing.assert_allclose(scores, merge(logits.rows(np.arange(64)), policy), atol=1e-4)


def test_another_model_is_refused(analysis, pictures) -> None:
    model = Stripes()
    with torch.no_grad():
        model.scale.neg_()
    with pytest.raises(InputError, match="that made the result"):
        collect_for(analysis, model, preprocess, images=pictures[0])


def test_a_result_without_its_images_tables_is_refused(analysis, tmp_path) -> None:
    file = analysis.save(tmp_path / "whole")
    alone = tmp_path / "alone.json"
    alone.write_bytes(file.read_bytes())
    with pytest.raises(ResultError, match="per-image tables"):
        collect_for(Analysis.load(alone), Stripes(), preprocess)


def test_what_was_collected_is_not_collected_again(pictures, tmp_path) -> None:
    folder, names, y = pictures
    calls = []

    def model(batch):
        calls.append(len(batch))
        if len(calls) == stop:
            raise KeyboardInterrupt
        return Stripes()(batch)

    given = {
        "classes": ("plain", "striped"),
        "labels": y[:40],
        "images": folder,
        "preprocess": preprocess,
        "mean": Stripes.mean,
        "std": Stripes.std,
        "batch_size": 8,
        "cache": tmp_path,
    }
    views = [ViewSpec("gamma", 0.7)]
    stop = 5
    with pytest.raises(KeyboardInterrupt):
        collect(model, names[:40], views, **given)
    stop, calls = -1, []
    found = collect(model, names[:40], views, **given)
    assert len(calls) == 2 * 3 + 1
    calls = []
    again = collect(model, names[:40], views, **given)
    # Of each of the two runs that are kept the first batch is asked again.
    assert len(calls) == 2
    assert np.array_equal(found.z, again.z)
    calls = []
    collect(model, names[:40], [ViewSpec("gamma", 0.6)], **given)
    assert len(calls) == 2 * 5


def test_a_broken_image_is_left_out_and_listed(pictures, tmp_path) -> None:
    folder, names, y = pictures
    (folder / "broken.png").write_bytes(b"no picture")
    found = collect(
        Stripes(),
        [names[0], "broken.png", "nowhere.png", names[1]],
        [],
        classes=("plain", "striped"),
        labels=[int(y[0]), 0, 1, int(y[1])],
        groups=["a", "b", "c", "d"],
        images=folder,
        preprocess=preprocess,
        cache=tmp_path,
    )
    assert found.names == (names[0], names[1])
    assert found.groups.tolist() == [0, 3]
    told = {row["name"]: row["status"] for row in found.preprocessing["failures"]}
    assert told == {"broken.png": "unsupported", "nowhere.png": "missing"}


def test_batches_of_any_size_give_the_same(pictures) -> None:
    folder, names, y = pictures
    given = {
        "classes": ("plain", "striped"),
        "labels": y[:21],
        "images": folder,
        "preprocess": preprocess,
        "features": ["sharpness"],
    }
    views = [ViewSpec("gaussian_noise", 0.05), ViewSpec("contrast", 2.0)]
    one, other = (collect(Stripes(), names[:21], views, batch_size=k, **given) for k in (21, 4))
    np.testing.assert_allclose(one.z, other.z, atol=1e-5)
    np.testing.assert_allclose(one.features, other.features, rtol=1e-5)


def test_inputs_that_look_normalised_need_to_say_how(pictures) -> None:
    folder, names, y = pictures
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * SIDE * SIDE, 2))
    with pytest.raises(InputError, match="look normalised"):
        collect(
            model,
            names[:4],
            [],
            classes=("a", "b"),
            labels=y[:4],
            images=folder,
            preprocess=preprocess,
        )


def test_a_symmetry_must_be_declared() -> None:
    loader = [(torch.rand(2, 3, 4, 4), torch.tensor([0, 1]))]
    with pytest.raises(OptionError, match="is declared"):
        collect(torch.nn.Flatten(), loader, [ViewSpec("hflip", 1.0)], classes=("a", "b"))


def test_the_model_is_left_in_the_mode_it_was_in() -> None:
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.5), torch.nn.Linear(48, 2))
    model[1].eval()
    model[2].train()
    loader = [(torch.rand(2, 3, 4, 4), torch.tensor([0, 1]))] * 2
    found = collect(model, loader, [], classes=("a", "b"))
    assert [part.training for part in model] == [True, False, True]
    assert len(found) == 4


def test_probabilities_are_told_from_logits() -> None:
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2), torch.nn.Softmax(1))
    loader = [{"image": torch.rand(3, 3, 4, 4), "label": torch.tensor([0, 1, 1])}]
    found = collect(model, loader, [], classes=("a", "b"))
    assert found.output == "probabilities"
    np.testing.assert_allclose(np.exp(found.z[0]).sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda x: x.sum(dim=(1, 2, 3)), "one column per class"),
        (lambda x: "logits", "expected a tensor"),
        (lambda x: x.flatten(1)[:, :2] * float("nan"), "finite"),
        (lambda x: x.flatten(1)[:, :3], "expected 2 classes"),
    ],
)
def test_outputs_that_cannot_be_used(model, message) -> None:
    loader = [(torch.rand(2, 3, 4, 4), torch.tensor([0, 1]))]
    with pytest.raises(InputError, match=message):
        collect(model, loader, [], classes=("a", "b"))

"""Collecting: laws of order, size and resumption; devices and memory; what is refused."""

import copy
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from sensitivity.catalogue import ORIGINAL, UP, ViewSpec
from sensitivity.errors import InputError, OptionError
from sensitivity.synthetic import photograph
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.preprocessing import preprocessing_of

torch = pytest.importorskip("torch")

from torch.utils.data import DataLoader  # noqa: E402

from sensitivity.tta.collect import collect  # noqa: E402
from sensitivity.tta.fingerprints import stamp_of  # noqa: E402
from sensitivity.tta.forward import task_of  # noqa: E402
from sensitivity.tta.views import apply  # noqa: E402

CLASSES = ("a", "b", "c")
SIDE = 16
VIEWS = (ViewSpec("gaussian_noise", 0.1), ViewSpec("gamma", 0.5), ViewSpec("bilateral", 0.2))
FEATURES = ("sharpness", "brightness")


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def small_net():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, stride=2),
        torch.nn.BatchNorm2d(4),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.5),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(4, 3),
    )


@pytest.fixture(scope="module")
def rows():
    shots = [photograph(SIDE, kind=kind % 3, rng=kind) for kind in range(11)]
    images = [torch.tensor(shot).permute(2, 0, 1).float() / 255 for shot in shots]
    return [(image, k % 3, f"{k:02d}.png") for k, image in enumerate(images)]


def loader(rows, size=4):
    return DataLoader(rows, batch_size=size)


class Counting:
    """A model that counts its forward passes, and can break off."""

    def __init__(self, net, stop: int = -1) -> None:
        self.net, self.stop, self.calls = net.eval(), stop, []

    def __call__(self, images):
        if len(self.calls) == self.stop:
            raise KeyboardInterrupt
        self.calls.append(len(images))
        return self.net(images)


class Normalised(torch.nn.Module):
    mean, std = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)

    def __init__(self) -> None:
        super().__init__()
        self.net = small_net()

    def forward(self, images):
        return self.net(images)


# What is collected


def test_it_is_what_the_model_says_of_each_view(rows) -> None:
    net = small_net()
    found = collect(net, loader(rows), VIEWS, classes=CLASSES, features=FEATURES)
    batch = torch.stack([row[0] for row in rows])
    net.eval()
    with torch.no_grad():
        for z, view in zip(found.z, (ORIGINAL, *VIEWS), strict=True):
            np.testing.assert_allclose(z, net(apply(batch, view)).numpy(), atol=1e-5)
    assert found.names == tuple(row[2] for row in rows)
    assert found.y.tolist() == [row[1] for row in rows]
    assert found.views == (ORIGINAL, *VIEWS)
    assert found.preprocessing["size"] == [SIDE, SIDE]
    assert (found.feature("brightness", 2) > found.feature("brightness")).all()
    assert all(seconds > 0 for seconds in found.seconds)


@pytest.mark.parametrize("size", [1, 4, 11])
@pytest.mark.parametrize("max_batch", [None, 3])
def test_neither_batches_nor_their_order_change_anything(rows, size, max_batch) -> None:
    given = {"classes": CLASSES, "features": FEATURES}
    one = collect(small_net(), loader(rows), VIEWS, **given)
    turned = rows[::-1]
    other = collect(small_net(), loader(turned, size), VIEWS, max_batch=max_batch, **given)
    assert other.names == one.names[::-1]
    np.testing.assert_allclose(other.z, one.z[:, ::-1], atol=1e-5)
    np.testing.assert_allclose(other.features, one.features[:, ::-1], rtol=1e-5)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda z: (z, None),
        lambda z: {"logits": z, "loss": None},
        lambda z: SimpleNamespace(logits=z),
        lambda z: z.double(),
    ],
)
def test_outputs_in_other_forms(rows, wrap) -> None:
    net = small_net()
    expected = collect(net, loader(rows), [], classes=CLASSES).z
    net.eval()
    found = collect(lambda images: wrap(net(images)), loader(rows), [], classes=CLASSES)
    np.testing.assert_allclose(found.z, expected, atol=1e-6)


def test_loaders_of_mappings_and_without_names(rows) -> None:
    listed = [{"pixel_values": image, "labels": label} for image, label, _ in rows]
    found = collect(small_net(), DataLoader(listed, batch_size=4), [], classes=CLASSES)
    assert found.names == tuple(str(k) for k in range(len(rows)))
    assert found.y.tolist() == [row[1] for row in rows]


def test_one_image_of_one_class(rows) -> None:
    found = collect(small_net(), loader(rows[:1]), VIEWS, classes=CLASSES)
    assert found.z.shape == (4, 1, 3)


@pytest.mark.parametrize("data", [[], DataLoader([])])
def test_no_image(data) -> None:
    with pytest.raises(InputError, match="an empty data set"):
        collect(small_net(), data, [], classes=CLASSES)


def test_probabilities_become_their_logarithms(rows) -> None:
    net = torch.nn.Sequential(small_net(), torch.nn.Softmax(dim=1))
    logits = collect(net[0], loader(rows), VIEWS, classes=CLASSES)
    found = collect(net, loader(rows), VIEWS, classes=CLASSES)
    assert (logits.output, found.output) == ("logits", "probabilities")
    expected = logits.z - np.log(np.exp(logits.z).sum(axis=2, keepdims=True))
    np.testing.assert_allclose(found.z, expected, atol=1e-4)


def test_a_model_that_works_in_place_changes_no_feature(rows) -> None:
    def in_place(images):
        images.zero_()
        return images.flatten(1)[:, :3]

    found = collect(in_place, loader(rows), [], classes=CLASSES, features=["brightness"])
    assert (found.feature("brightness") > 0.05).all()
    assert float(rows[0][0].max()) > 0


def test_a_view_with_a_target_has_a_dose_per_image(rows) -> None:
    view = ViewSpec("gamma", 0.25, "brightness", UP, target=0.6)
    found = collect(small_net(), loader(rows), [view], classes=CLASSES, features=["brightness"])
    before, after = found.feature("brightness"), found.feature("brightness", 1)
    np.testing.assert_allclose(after, np.maximum(before, 0.6), atol=0.01)


def test_mixed_precision_is_close(rows) -> None:
    given = {"classes": CLASSES, "features": FEATURES}
    exact = collect(small_net(), loader(rows), VIEWS, **given)
    found = collect(small_net(), loader(rows), VIEWS, precision="bfloat16", **given)
    np.testing.assert_allclose(found.z, exact.z, atol=0.05)
    assert not np.array_equal(found.z, exact.z)
    np.testing.assert_array_equal(found.features, exact.features)


def test_it_is_saved_and_read(rows, tmp_path) -> None:
    found = collect(small_net(), loader(rows), VIEWS, classes=CLASSES, features=FEATURES)
    again = ViewLogits.load(found.save(tmp_path / "views.npz"))
    np.testing.assert_array_equal(again.z, found.z)
    assert again.preprocessing == found.preprocessing


# Memory and devices


def test_what_does_not_fit_the_memory_goes_in_halves(rows) -> None:
    sizes = []

    def narrow(images):
        sizes.append(len(images))
        if len(images) > 3:
            raise torch.cuda.OutOfMemoryError("no room")
        return images.flatten(1)[:, :3]

    given = {"classes": CLASSES, "features": FEATURES}
    found = collect(narrow, loader(rows, 8), VIEWS, **given)
    expected = collect(lambda images: images.flatten(1)[:, :3], loader(rows, 8), VIEWS, **given)
    np.testing.assert_array_equal(found.z, expected.z)
    np.testing.assert_array_equal(found.features, expected.features)
    # It is learned once: 8, then 4, then never again more than 2.
    assert [size for size in sizes if size > 3] == [8, 4]


def test_one_image_that_does_not_fit_is_an_error(rows) -> None:
    def nothing(images):
        raise torch.cuda.OutOfMemoryError("no room")

    with pytest.raises(torch.cuda.OutOfMemoryError):
        collect(nothing, loader(rows), [], classes=CLASSES)


def test_the_model_is_on_its_device_and_in_its_mode_again(rows) -> None:
    net = small_net()
    seen = []
    net.register_forward_hook(lambda *_: seen.append((net.training, net[0].weight.device.type)))
    collect(net, loader(rows), [], classes=CLASSES, device="cpu")
    assert set(seen) == {(False, "cpu")}
    assert net.training
    net[3].eval()
    with pytest.raises(InputError, match="expected 4 classes"):
        collect(net, loader(rows), [], classes=(*CLASSES, "d"))
    assert (net.training, net[3].training) == (True, False)


def test_a_module_is_moved_to_the_device_and_back(rows) -> None:
    places = []

    class Movable(Normalised):
        mean = std = None

        def to(self, device):
            places.append(str(device))
            return super().to(device)

    net = Movable()
    collect(net, loader(rows), [], classes=CLASSES)
    assert places == []
    collect(net, loader(rows), [], classes=CLASSES, device="cpu:0")
    assert places == ["cpu:0", "cpu"]


# Going on


@pytest.mark.parametrize("stop", [1, 6, 11])
def test_a_run_that_was_killed_goes_on_where_it_was(rows, tmp_path, stop) -> None:
    given = {"classes": CLASSES, "features": FEATURES, "cache": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        collect(Counting(small_net(), stop), loader(rows), VIEWS, **given)
    model = Counting(small_net())
    found = collect(model, loader(rows), VIEWS, **given)
    # The first batch that is kept is asked again, once.
    assert len(model.calls) == 3 * 4 - stop // 4 * 4 + (stop >= 4)
    whole = collect(small_net(), loader(rows), VIEWS, classes=CLASSES, features=FEATURES)
    np.testing.assert_allclose(found.z, whole.z, atol=1e-6)
    np.testing.assert_array_equal(found.features, whole.features)
    assert not list(tmp_path.glob("*.part"))


def other_weights(net, rows):
    with torch.no_grad():
        weight = net[-1].weight
        weight.copy_(weight.flip(0))  # of the same sum
    return rows


def other_structure(net, rows):
    net[2] = torch.nn.Tanh()
    return rows


def other_pixels(net, rows):
    return [(image.flip(2), label, name) for image, label, name in rows]


@pytest.mark.parametrize("change", [other_weights, other_structure, other_pixels])
@pytest.mark.parametrize("wrap", [lambda net: net, Counting, lambda net: partial(call, net)])
def test_what_was_stored_is_not_taken_for_something_else(rows, tmp_path, change, wrap) -> None:
    net = small_net()
    given = {"classes": CLASSES, "cache": tmp_path}
    collect(wrap(net), loader(rows), [], **given)
    changed = change(net, rows)
    found = collect(wrap(net), loader(changed), [], **given)
    expected = collect(wrap(net), loader(changed), [], classes=CLASSES)
    np.testing.assert_allclose(found.z, expected.z, atol=1e-6)


def call(net, images):
    return net.eval()(images)


def test_other_labels_and_names_are_those_of_now(rows, tmp_path) -> None:
    model = Counting(small_net())
    collect(model, loader(rows), [], classes=CLASSES, cache=tmp_path)
    others = [(image, 2 - label, f"new-{name}") for image, label, name in rows]
    found = collect(model, loader(others), [], classes=CLASSES, cache=tmp_path)
    assert len(model.calls) == 3 + 1
    assert found.y.tolist() == [row[1] for row in others]
    assert found.names == tuple(row[2] for row in others)


def test_a_damaged_part_is_made_anew(rows, tmp_path) -> None:
    given = {"classes": CLASSES, "cache": tmp_path}
    one = collect(small_net(), loader(rows), VIEWS, **given)
    for number, file in enumerate(sorted(tmp_path.glob("*.npz"))):
        file.write_bytes([b"", b"PK\x03\x04", file.read_bytes()[:200]][number])
    again = collect(small_net(), loader(rows), VIEWS, **given)
    np.testing.assert_allclose(again.z, one.z, atol=1e-6)


def test_code_that_changed_is_noticed(rows, tmp_path) -> None:
    net, lines = small_net().eval(), []
    given = {"classes": CLASSES, "cache": tmp_path, "announce": lines.append}
    holder = SimpleNamespace(factor=1.0)

    def model(images):
        return holder.factor * net(images)

    with pytest.raises(InputError):
        collect(model, [*loader(rows[:8]), (torch.zeros(1, 3, SIDE, SIDE), [9])], VIEWS, **given)
    assert lines == []
    collect(model, loader(rows), VIEWS, **given)
    assert lines == ["going on: an earlier run is kept, and the model still says the same"]
    holder.factor = 2.0
    for told in ("starting anew", "going on"):
        lines.clear()
        found = collect(model, loader(rows), VIEWS, **given)
        assert len(lines) == 1
        assert lines[0].startswith(told)
        whole = collect(model, loader(rows), VIEWS, classes=CLASSES)
        np.testing.assert_allclose(found.z, whole.z, atol=1e-6)


def test_a_run_that_was_killed_among_others_of_another_model(rows, tmp_path) -> None:
    net = small_net().eval()
    holder = SimpleNamespace(factor=1.0, left=99)

    def model(images):
        holder.left -= 1
        if holder.left < 0:
            raise KeyboardInterrupt
        return holder.factor * net(images)

    given = {"classes": CLASSES, "cache": tmp_path}
    collect(model, loader(rows), VIEWS, **given)
    holder.factor, holder.left = 2.0, 6
    with pytest.raises(KeyboardInterrupt):
        collect(model, loader(rows), VIEWS, **given)
    holder.left = 99
    found = collect(model, loader(rows), VIEWS, **given)
    whole = collect(model, loader(rows), VIEWS, classes=CLASSES)
    np.testing.assert_allclose(found.z, whole.z, atol=1e-6)


def test_a_copy_of_a_model_is_the_same_model() -> None:
    net = small_net()
    first = stamp_of(task_of(net, VIEWS))
    assert first == stamp_of(task_of(copy.deepcopy(net), VIEWS))
    assert first == stamp_of(task_of(lambda images: net(images), VIEWS))
    assert first != stamp_of(task_of(net, VIEWS[:1]))
    assert first != stamp_of(task_of(net, VIEWS, mean=(0.5,), std=(0.5,)))
    assert first != stamp_of(task_of(net.half(), VIEWS))


# Names and files


def test_names_of_arrays_with_a_function(rows) -> None:
    shots = {row[2]: (row[0].permute(1, 2, 0) * 255).round().byte().numpy() for row in rows}

    def preprocess(image):
        assert image.dtype == np.uint8
        rgb = torch.tensor(image[:, :, ::-1].copy())
        return rgb.permute(2, 0, 1).float() / 255

    found = collect(
        small_net(),
        list(shots),
        VIEWS,
        classes=CLASSES,
        labels=[row[1] for row in rows],
        images=shots.__getitem__,
        preprocess=preprocess,
        features=FEATURES,
    )
    expected = collect(small_net(), loader(rows), VIEWS, classes=CLASSES, features=FEATURES)
    np.testing.assert_allclose(found.z, expected.z, atol=1e-5)


def test_an_image_that_the_function_fails_on_is_left_out() -> None:
    def preprocess(image):
        if image.max() == 0:
            raise ValueError("all\nblack")
        return torch.tensor(image.copy()).permute(2, 0, 1).float() / 255

    images = [np.full((4, 4, 3), level, np.uint8) for level in (9, 0, 200)]
    given = {"classes": ("a", "b"), "labels": [0, 0, 1], "preprocess": preprocess}
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2))
    found = collect(model, ["x", "y", "z"], [], images=images, **given)
    assert found.names == ("x", "z")
    assert found.y.tolist() == [0, 1]
    reason = "ValueError: all black"
    assert found.preprocessing["failures"] == [{"name": "y", "status": "crashed", "reason": reason}]
    with pytest.raises(InputError, match="ValueError: all black"):
        collect(model, ["x", "y", "z"], [], images=[images[1]] * 3, **given)


# What is refused


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda images: images.mean(dim=(1, 2, 3)), "one column per class"),
        (lambda images: images.flatten(1)[:, :1], r"torch.stack\(\[-z, z\]"),
        (lambda images: images, "4 images × classes"),
        (lambda images: images.flatten(1)[:2, :3], "4 images × classes"),
        (lambda images: images.flatten(1)[:, :5], r"expected 3 classes \(a, b, c\), got 5"),
        (lambda images: {"scores": images}, "expected a tensor"),
    ],
)
def test_outputs_of_another_shape(rows, model, message) -> None:
    with pytest.raises(InputError, match=message):
        collect(model, loader(rows), [], classes=CLASSES)


@pytest.mark.parametrize(("value", "told"), [(float("nan"), "nan"), (float("-inf"), "-inf")])
def test_an_output_that_is_no_number_is_named(rows, tmp_path, value, told) -> None:
    def model(images):
        z = images.flatten(1)[:, :3].clone()
        z[images.mean(dim=(1, 2, 3)) > 0.95] = value
        return z

    bright = [*rows[:5], (torch.ones(3, SIDE, SIDE) * 0.9, 0, "white.png")]
    views = [ViewSpec("gamma", 0.25)]
    with pytest.raises(InputError, match=rf"{told} \(white.png, view gamma\(0.25\); the 4 before"):
        collect(model, loader(bright), views, classes=CLASSES, cache=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 1  # the good batch, not the bad one


def test_labels_that_are_no_classes_are_refused_before_the_model_runs(rows) -> None:
    model = Counting(small_net())
    with pytest.raises(InputError, match=r"classes from 0 to 1, got 2 \(02.png\)"):
        collect(model, loader(rows), [], classes=("a", "b"))
    with pytest.raises(InputError, match=r"classes from 0 to 1, got 7 \(row 1\)"):
        collect(model, ["a", "b"], [], classes=("a", "b"), labels=[0, 7])
    assert model.calls == []


def test_groups_must_be_one_per_image(rows) -> None:
    with pytest.raises(InputError, match=r"one per image \(11\), got 12"):
        collect(small_net(), loader(rows), [], classes=CLASSES, groups=["a"] * 12)
    model = Counting(small_net())
    with pytest.raises(InputError, match=r"one per image \(2\), got 1"):
        collect(model, ["a", "b"], [], classes=CLASSES, labels=[0, 1], groups=["a"])
    assert model.calls == []


def test_a_loader_that_shuffles(rows) -> None:
    with pytest.raises(InputError, match="does not shuffle"):
        collect(small_net(), DataLoader(rows, shuffle=True), [], classes=CLASSES)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"precision": "int8"}, "precision"),
        ({"max_batch": 0}, "max_batch"),
        ({"features": ["sharpnes"]}, "features"),
        ({"views": [ViewSpec("rot90", 2.0, source="chosen")]}, r"view rot90\(2\)"),
        ({"views": [ViewSpec("hflip", 1.0, source="registered")]}, "view hflip"),
    ],
)
def test_options_are_checked_before_the_model_runs(rows, given, what) -> None:
    model = Counting(small_net())
    options = {"views": VIEWS, "classes": CLASSES, **given}
    with pytest.raises(OptionError, match=what):
        collect(model, loader(rows), **options)
    assert model.calls == []


@pytest.mark.parametrize("source", ["training", "declared"])
def test_a_symmetry_that_is_known_is_taken(rows, source) -> None:
    found = collect(
        small_net(), loader(rows), [ViewSpec("hflip", 1.0, source=source)], classes=CLASSES
    )
    assert found.views[1].source == source


# Normalisation


def test_mean_and_std_of_the_model_are_used(rows) -> None:
    shifted = [((image - 0.5) / 0.25, *rest) for image, *rest in rows]
    given = {"classes": CLASSES, "features": FEATURES}
    found = collect(Normalised(), loader(shifted), VIEWS, **given)
    told = collect(
        small_net(), loader(shifted), VIEWS, mean=Normalised.mean, std=Normalised.std, **given
    )
    np.testing.assert_array_equal(found.z, told.z)
    plain = collect(small_net(), loader(rows), VIEWS, **given)
    np.testing.assert_allclose(found.features[0], plain.features[0], rtol=1e-4)
    assert found.preprocessing["mean"] == [0.5, 0.5, 0.5]


def test_a_model_that_normalises_by_itself(rows) -> None:
    """Its mean and std are not those of its input: un-normalised, [0, 1] is a washed-out image."""
    with pytest.raises(InputError, match="normalises by itself"):
        collect(Normalised(), loader(rows), VIEWS, classes=CLASSES)
    found = collect(Normalised(), loader(rows), VIEWS, classes=CLASSES, mean=(0,), std=(1,))
    expected = collect(small_net(), loader(rows), VIEWS, classes=CLASSES)
    np.testing.assert_allclose(found.z, expected.z, atol=1e-5)


def test_normalised_inputs_need_mean_and_std(rows) -> None:
    shifted = [((image - 0.5) / 0.25, *rest) for image, *rest in rows]
    with pytest.raises(InputError, match="look normalised"):
        collect(small_net(), loader(shifted), VIEWS, classes=CLASSES)


def test_what_a_model_says_of_its_input() -> None:
    nothing = {"mean": None, "std": None, "size": None}
    assert preprocessing_of(small_net()) == nothing
    assert preprocessing_of(lambda images: images) == nothing
    assert preprocessing_of(SimpleNamespace(mean=(0.5,), std=None)) == nothing
    timm = SimpleNamespace(pretrained_cfg={"mean": (0.5,), "std": (0.2,), "input_size": (3, 8, 8)})
    assert preprocessing_of(timm) == {"mean": (0.5,), "std": (0.2,), "size": (3, 8, 8)}
    net = torch.nn.Module()
    net.register_buffer("mean", torch.tensor([0.25]))
    net.register_buffer("std", torch.tensor([0.5]))
    assert preprocessing_of(net) == {"mean": [0.25], "std": [0.5], "size": None}


def test_progress_counts_images(rows) -> None:
    seen = []
    collect(
        small_net(), loader(rows), [], classes=CLASSES, progress=lambda *told: seen.append(told)
    )
    assert seen == [(4, 11), (8, 11), (11, 11)]


# A model that fails


class Failing(torch.nn.Module):
    """Raises in one of its passes."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.net, self.at, self.calls = small_net(), at, 0

    def forward(self, images):
        self.calls += 1
        if self.calls == self.at:
            raise ValueError("kaboom\nsecond line")
        return self.net(images)


def test_a_model_that_raises_is_told_with_its_images_and_what_is_kept(rows, tmp_path) -> None:
    net = Failing(at=7)
    with pytest.raises(InputError) as caught:
        collect(net, loader(rows), VIEWS, classes=CLASSES, cache=tmp_path)
    assert str(caught.value) == (
        "model: expected it to run on images of shape (4, 3, 16, 16), got ValueError: kaboom "
        "second line (view gamma(0.5); images 04.png to 07.png; the 4 before are kept in "
        f"{tmp_path})"
    )
    assert isinstance(caught.value.__cause__.__cause__, ValueError)
    again = collect(net, loader(rows), VIEWS, classes=CLASSES, cache=tmp_path)
    assert (len(again), net.calls) == (11, 7 + 1 + 8)


@pytest.mark.parametrize(
    ("change", "got"),
    [
        (lambda z: z.to(torch.complex64), "torch.complex64"),
        (lambda z: z.to_sparse(), "torch.sparse_coo"),
        (lambda z: z[:-1], r"\(3, 3\)"),
    ],
    ids=["complex", "sparse", "too few"],
)
def test_outputs_that_cannot_be_kept_are_refused(rows, change, got) -> None:
    net = small_net().eval()
    message = rf"outputs of the model: .*, got {got} \(images 00.png to 03.png\)"
    with pytest.raises(InputError, match=message):
        collect(lambda images: change(net(images)), loader(rows), VIEWS, classes=CLASSES)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"views": ["gamma"]}, "views: expected a list of ViewSpec"),
        ({"views": VIEWS[0]}, "views: expected a list of ViewSpec"),
        ({"classes": "abc"}, "classes: expected a list of names, got 'abc'"),
        ({"classes": ("a", "b", "a")}, "classes: expected one or more, each once, got a, b, a"),
        ({"device": "toaster"}, "device: expected one that is there, got toaster"),
        ({"device": "meta"}, "device: expected one that computes, got meta"),
        ({"batch_size": 0}, "batch_size: expected at least 1, got 0"),
        ({"max_batch": 1.5}, "max_batch: expected a whole number, got 1.5"),
        ({"mean": "x", "std": 1.0}, "mean: expected finite numbers, got x"),
        ({"mean": 0.5}, "mean and std: expected both or neither, got no std"),
        ({"cache": __file__}, "cache: expected a folder to write to"),
        ({"data": 3}, "data: expected a loader, or a list of names, got int"),
        ({"data": []}, "images: expected at least one that can be read, got an empty data set"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_before_the_first_pass(rows, wrong, message) -> None:
    net = Counting(small_net())
    given = {"data": loader(rows), "views": VIEWS, "classes": CLASSES, **wrong}
    with pytest.raises((InputError, OptionError), match=message):
        collect(net, given.pop("data"), given.pop("views"), **given)
    assert net.calls == []


def test_an_empty_batch_counts_nothing(rows) -> None:
    images = torch.stack([row[0] for row in rows[:4]])
    none = (images[:0], torch.zeros(0, dtype=torch.long))
    batches = [none, (images, torch.zeros(4, dtype=torch.long)), none]
    assert len(collect(small_net(), batches, VIEWS, classes=CLASSES)) == 4
    with pytest.raises(InputError, match="images: expected at least one that can be read"):
        collect(small_net(), [none], VIEWS, classes=CLASSES)


def test_groups_of_several_kinds(rows) -> None:
    groups = ["a", None, "a", None, *range(7)]
    found = collect(small_net(), loader(rows), (), classes=CLASSES, groups=groups)
    assert (found.groups[0], found.groups[1]) == (found.groups[2], found.groups[3])
    assert len(set(found.groups)) == 9


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda image: None, "images: expected a tensor C×H×W of each, got NoneType"),
        (lambda image: image, "images: expected a tensor N×C×H×W of floats, got torch.uint8"),
        (lambda image: 1 / 0, "at least one that can be read, got ZeroDivisionError: division"),
        (lambda image: raise_exit(), "at least one that can be read, got SystemExit: 3"),
    ],
    ids=["none", "unchanged", "raises", "exits"],
)
def test_what_a_preprocessing_must_not_do(prepare, message) -> None:
    shots = [photograph(SIDE, kind=0, rng=k) for k in range(2)]
    given = {"labels": [0, 1], "classes": CLASSES, "images": shots, "preprocess": prepare}
    with pytest.raises(InputError, match=message):
        collect(small_net(), ["a.png", "b.png"], VIEWS, **given)


def raise_exit() -> None:
    raise SystemExit(3)

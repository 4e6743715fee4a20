"""The laws that every operation on images keeps."""

from importlib import import_module

import numpy as np
import pytest

from sensitivity.catalogue import ORIGINAL, VIEWS, View, ViewSpec
from sensitivity.errors import InputError, OptionError
from sensitivity.synthetic import photograph

torch = pytest.importorskip("torch")
views = import_module("sensitivity.tta.views")
doses_module = import_module("sensitivity.tta.views.doses")
apply, blur, flip, undo = views.apply, views.blur, views.flip, views.undo
check_range, looks_normalised = views.check_range, views.looks_normalised

torch.set_num_threads(1)

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
OPS = {operation.__name__: operation for operation in views.OPERATIONS}
STRONG = {view.op: view for view in VIEWS}  # one row of each operation
BLURS = ("gaussian_blur", "box_blur", "unsharp", "bilateral", "down_up")


def photographs(n: int = 3, size: int = 32, *, channels: int = 3) -> torch.Tensor:
    pixels = np.stack([photograph(size, kind=i % 4, rng=i) for i in range(n)])
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    return images[:, :channels].contiguous()


def spec_of(view: View) -> ViewSpec:
    return ViewSpec(view.op, view.usual[0], source="declared")


def normalised(images: torch.Tensor) -> torch.Tensor:
    return (images - torch.tensor(MEAN).reshape(3, 1, 1)) / torch.tensor(STD).reshape(3, 1, 1)


def rows(views: tuple[View, ...] = VIEWS) -> list[object]:
    return [pytest.param(v, id=f"{v.op}-{v.feature}-{v.direction}") for v in views]


every_row = pytest.mark.parametrize("view", rows())
every_op = pytest.mark.parametrize("view", rows(tuple(STRONG.values())))


def test_operations_and_catalogue_agree_by_name() -> None:
    assert list(OPS) == list(dict.fromkeys(view.op for view in VIEWS))
    assert len(views.OPERATIONS) == len(OPS)


@every_row
def test_identity_dose_is_the_identity(view: View) -> None:
    images = photographs()
    assert torch.equal(OPS[view.op](images, view.identity), images)
    doses = torch.full((3,), view.identity)
    assert torch.equal(OPS[view.op](images, doses), images)
    spec = ViewSpec(view.op, view.identity, source="declared")
    seen = normalised(images)
    copy = apply(seen, spec, mean=MEAN, std=STD)
    assert torch.equal(copy, seen)
    assert copy.data_ptr() != seen.data_ptr(), (
        "what is done with a view must not reach the original"
    )
    usual = spec_of(view)
    assert torch.equal(apply(seen, usual, mean=MEAN, std=STD, doses=doses), seen)


@every_row
def test_usual_doses_are_in_range_and_change_every_image(view: View) -> None:
    images = photographs()
    for dose in (*view.usual, view.strongest):
        spec = ViewSpec(view.op, dose, source="declared")
        moved = apply(images, spec)
        assert moved.shape == images.shape
        assert 0 <= moved.min() <= moved.max() <= 1
        assert ((moved - images).abs().amax(dim=(1, 2, 3)) > 1e-3).all()


@every_row
def test_input_is_not_modified(view: View) -> None:
    images = photographs()
    before = images.clone()
    apply(images, spec_of(view))
    OPS[view.op](images, view.usual[0])
    assert torch.equal(images, before)


@every_row
def test_the_others_of_a_batch_do_not_matter(view: View) -> None:
    images = photographs()
    together = apply(images, spec_of(view))
    alone = torch.cat([apply(image[None], spec_of(view)) for image in images])
    assert torch.allclose(together, alone, atol=1e-6)


@every_row
@pytest.mark.parametrize("each", [False, True])
def test_parts_that_fit_a_cache_give_the_same(view: View, each: bool, monkeypatch) -> None:
    """All at once or image by image: values, order and gradients."""
    found = []
    for size in (2**30, 1):
        monkeypatch.setattr(doses_module, "_PIECE", size)
        images = photographs(5).double().requires_grad_()
        doses = torch.tensor([*view.usual[:1] * 3, view.identity, view.strongest])
        moved = apply(images, spec_of(view), doses=doses if each else None)
        gradient = torch.zeros(1)
        if moved.requires_grad:
            (gradient,) = torch.autograd.grad(moved.square().sum(), images)
        found.append((moved.detach(), gradient))
    for whole, parts in zip(*found, strict=True):
        assert torch.allclose(whole, parts, rtol=1e-9, atol=1e-9)


@every_row
def test_a_dose_per_image_is_each_images_own_dose(view: View) -> None:
    images = photographs()
    dose, other = view.usual[0], view.strongest
    doses = torch.tensor([dose, view.identity, other])
    moved = apply(images, spec_of(view), doses=doses)
    assert torch.equal(moved[1], images[1])
    for i, own in ((0, dose), (2, other)):
        spec = ViewSpec(view.op, own, source="declared")
        assert torch.allclose(moved[i], apply(images, spec)[i], atol=2e-6)


@every_op
def test_normalised_and_raw_paths_agree(view: View) -> None:
    images = photographs()
    raw = normalised(apply(images, spec_of(view)))
    seen = apply(normalised(images), spec_of(view), mean=MEAN, std=STD)
    # A level of 8 bits may be rounded to the other side.
    assert torch.quantile((raw - seen).abs(), 0.999) < 1e-4


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
@every_op
def test_dtype_is_kept_and_half_is_computed_in_full(view: View, dtype: torch.dtype) -> None:
    images = photographs().to(dtype)
    moved = apply(images, spec_of(view))
    assert moved.dtype == dtype
    single = apply(images.float(), spec_of(view))
    assert torch.allclose(moved.float(), single, atol={torch.float64: 1e-5}.get(dtype, 5e-3))
    assert OPS[view.op](images, view.usual[0]).dtype == dtype


@every_op
def test_grey_images(view: View) -> None:
    images = photographs(channels=1)
    moved = apply(images, spec_of(view))
    assert moved.shape == images.shape
    colour = {"saturation", "warmth", "channel_flip"}
    assert torch.equal(moved, images) == (view.op in colour)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (2, 3), (4, 4)])
@every_op
def test_images_smaller_than_the_window(view: View, shape: tuple[int, int]) -> None:
    images = torch.full((2, 3, *shape), 0.4)
    for dose in (*view.usual, view.strongest):
        if view.op == "rot90" and dose % 2 and shape[0] != shape[1]:
            continue
        moved = apply(images, ViewSpec(view.op, dose, source="declared"))
        assert moved.shape == images.shape
        assert torch.isfinite(moved).all()
        if view.op in (*BLURS, "zoom"):
            assert torch.allclose(moved, images, atol=1e-6), "a constant image stays constant"


@pytest.mark.parametrize("op", BLURS)
def test_an_impulse_in_one_channel_stays_in_it(op: str) -> None:
    images = torch.zeros(2, 3, 600, 600)[..., :24, :]
    images[0, 1, 12, 300] = 1
    moved = apply(images, ViewSpec(op, STRONG[op].strongest))
    assert moved[0, 1].abs().max() > 0
    assert moved[0, (0, 2)].abs().max() == 0
    assert moved[1].abs().max() == 0


@pytest.mark.parametrize("op", ["gaussian_blur", "box_blur", "bilateral", "unsharp"])
def test_filters_know_no_direction(op: str) -> None:
    images, spec = photographs(), ViewSpec(op, STRONG[op].usual[0])
    for dims in ((2,), (3,), (2, 3)):
        flipped = torch.flip(apply(torch.flip(images, dims), spec), dims)
        assert torch.allclose(flipped, apply(images, spec), atol=1e-6)
    turned = apply(images.transpose(2, 3), spec).transpose(2, 3)
    assert torch.allclose(turned, apply(images, spec), atol=1e-6)


@pytest.mark.parametrize(
    ("op", "dose"), [("hflip", 1), ("vflip", 1), *(("rot90", k) for k in range(4))]
)
def test_undo_gives_back_the_pixels(op: str, dose: int) -> None:
    images, spec = normalised(photographs()), ViewSpec(op, dose, source="declared")
    assert torch.equal(undo(apply(images, spec, mean=MEAN, std=STD), spec), images)
    maps = torch.randn(2, 7, 9, 9, generator=torch.Generator().manual_seed(0))
    assert torch.equal(undo(apply(maps, spec), spec), maps)


def test_undo_leaves_scores_and_what_moves_no_pixels() -> None:
    scores, maps = torch.randn(4, 3), torch.randn(4, 3, 5, 5)
    turned = ViewSpec("rot90", 1.0, source="declared")
    assert undo(scores, turned) is scores
    assert undo(maps, ViewSpec("gamma", 2.0)) is maps
    assert undo(maps, ORIGINAL) is maps
    with pytest.raises(OptionError, match=r"inverse for maps, got zoom\(1.25\)"):
        undo(maps, ViewSpec("zoom", 1.25))


def test_channel_flip_twice_is_nothing() -> None:
    images, spec = photographs(), ViewSpec("channel_flip", 1.0, source="declared")
    assert torch.equal(apply(apply(images, spec), spec), images)


def test_quarter_turns_of_oblong_images_are_refused() -> None:
    images, turned = torch.rand(2, 3, 4, 6), ViewSpec("rot90", 1.0, source="declared")
    with pytest.raises(InputError, match=r"expected square images for a quarter turn.*, got 4×6"):
        apply(images, turned)
    half = ViewSpec("rot90", 2.0, source="declared")
    assert torch.equal(apply(images, half), torch.flip(images, (2, 3)))


@every_op
def test_gradient_flows(view: View) -> None:
    images = normalised(photographs())
    images[0] = -torch.tensor(MEAN).reshape(3, 1, 1) / torch.tensor(STD).reshape(3, 1, 1)  # black
    images.requires_grad_()
    moved = apply(images, spec_of(view), mean=MEAN, std=STD)
    if view.op == "jpeg":
        assert not moved.requires_grad
        return
    (gradient,) = torch.autograd.grad(moved.sum(), images)
    assert torch.isfinite(gradient).all()
    assert (gradient[1:].abs().amax(dim=(1, 2, 3)) > 0).all()


@pytest.mark.parametrize("op", ["bilateral", "gamma", "contrast", "saturation", "unsharp"])
@pytest.mark.parametrize("channels", [1, 3])
def test_gradients_are_those_of_small_differences(op: str, channels: int) -> None:
    images = photographs(2, 5, channels=channels).double().clamp(0.05, 0.95).requires_grad_()
    doses = torch.tensor([0.4, 1.3], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(OPS[op], (images, doses))


def test_black_stays_black_whatever_the_power() -> None:
    for dtype in (torch.float32, torch.float64):
        images = torch.tensor([0.0, -0.01, 1.0], dtype=dtype).reshape(1, 1, 1, 3)
        for dose in (1e-3, 0.5, 3.0, 50.0):
            assert OPS["gamma"](images, dose).flatten().tolist() == [0.0, 0.0, 1.0]
            doses = torch.tensor([dose], dtype=dtype, requires_grad=True)
            moved = OPS["gamma"](images, doses)
            assert moved.flatten().tolist() == [0.0, 0.0, 1.0]
            assert torch.autograd.grad(moved.sum(), doses)[0].item() == 0.0


@pytest.mark.parametrize("op", ["gaussian_blur", "unsharp", "gamma", "contrast", "saturation"])
def test_gradient_reaches_the_dose(op: str) -> None:
    images = photographs()
    doses = torch.full((3,), STRONG[op].usual[0], requires_grad=True)
    (gradient,) = torch.autograd.grad(OPS[op](images, doses).square().sum(), doses)
    assert torch.isfinite(gradient).all()
    assert (gradient != 0).all()


@every_op
def test_an_empty_batch_stays_empty(view: View) -> None:
    images = torch.zeros(0, 3, 8, 8)
    assert apply(images, spec_of(view)).shape == images.shape
    assert apply(images, spec_of(view), doses=torch.zeros(0)).shape == images.shape


def test_noise_is_the_same_for_every_image_batch_and_run() -> None:
    spec = ViewSpec("gaussian_noise", 0.1)
    grey = torch.full((2, 3, 8, 8), 0.5)
    torch.manual_seed(7)
    noisy = apply(grey, spec)
    torch.manual_seed(8)
    assert torch.equal(noisy, apply(torch.full((5, 3, 8, 8), 0.5), spec)[:2])
    assert torch.equal(noisy[0], noisy[1])
    assert not torch.equal(noisy[0, 0], noisy[0, 1])
    assert noisy[0, 0, 0, :3].tolist() == pytest.approx([0.6118, 0.3613, 0.4573], abs=1e-4)


# The published names


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_flip_has_the_published_meaning(dim: int) -> None:
    images = photographs()
    assert np.array_equal(flip(images, dim).numpy(), np.flip(images.numpy(), dim))
    assert torch.equal(flip(flip(images, dim), dim), images)


def test_flip_of_another_axis_is_refused() -> None:
    with pytest.raises(OptionError, match=r"expected 2 \(upside down\).*, got 0"):
        flip(photographs(), 0)


@pytest.mark.parametrize("size", [2, 0, (3, 4), (3, 3, 3)])
def test_windows_without_a_centre_are_refused(size: object) -> None:
    with pytest.raises(OptionError, match="expected one or two odd numbers"):
        blur(photographs(), size)


# What is refused


def test_what_is_no_batch_is_refused() -> None:
    blurred = ViewSpec("gaussian_blur", 1.0)
    for images in (torch.zeros(3, 4, 4), torch.zeros(1, 3, 4, 4, dtype=torch.uint8)):
        with pytest.raises(InputError, match="expected a tensor N×C×H×W of floats"):
            apply(images, blurred)
    with pytest.raises(InputError, match="got ndarray"):
        apply(np.zeros((1, 3, 4, 4)), blurred)
    with pytest.raises(InputError, match="at least one pixel"):
        apply(torch.zeros(2, 3, 0, 4), blurred)


@pytest.mark.parametrize("op", ["contrast", "saturation", "warmth", "jpeg"])
def test_colour_needs_one_or_three_channels(op: str) -> None:
    with pytest.raises(InputError, match=r"expected 1 channel \(grey\) or 3.*, got 4"):
        apply(torch.rand(1, 4, 8, 8), spec_of(STRONG[op]))


def test_doses_are_checked() -> None:
    images = photographs()
    with pytest.raises(InputError, match=r"doses: expected one per image \(3\)"):
        apply(images, ViewSpec("gamma", 2.0), doses=torch.ones(2))
    with pytest.raises(OptionError, match="dose: expected a number from 0 to 1000, got -1"):
        OPS["gaussian_blur"](images, -1.0)
    with pytest.raises(OptionError, match="got nan"):
        OPS["gamma"](images, torch.tensor([1.0, float("nan"), 2.0]))
    with pytest.raises(OptionError, match=r"expected a whole number from 0 to 3, got 1\.5"):
        OPS["rot90"](images, 1.5)


def test_mean_and_std_are_checked() -> None:
    images, spec = photographs(), ViewSpec("gamma", 2.0)
    with pytest.raises(OptionError, match="mean and std: expected both or neither"):
        apply(images, spec, mean=MEAN)
    with pytest.raises(OptionError, match=r"one value per channel \(3\), got \[2, 3\]"):
        apply(images, spec, mean=(0.5, 0.5), std=STD)
    with pytest.raises(OptionError, match="std: expected numbers above 0"):
        apply(images, spec, mean=MEAN, std=(0.2, 0.0, 0.2))


def test_range_of_the_values() -> None:
    images = photographs()
    check_range(images, None, None)
    check_range(normalised(images), MEAN, STD)
    check_range(torch.zeros(0, 3, 4, 4), None, None)
    assert not looks_normalised(images)
    assert looks_normalised(normalised(images))
    assert not looks_normalised(images * 255)
    assert not looks_normalised(torch.zeros(0, 3, 4, 4))
    with pytest.raises(
        InputError, match=r"or mean and std of their normalisation.*look normalised"
    ):
        check_range(normalised(images), None, None)
    with pytest.raises(InputError, match="levels from 0 to 255: divide by 255"):
        check_range(images * 255, None, None)
    with pytest.raises(InputError, match=r"expected RGB in .* once un-normalised"):
        check_range(images * 8 - 4, MEAN, STD)
    with pytest.raises(InputError, match="got nan to nan"):
        check_range(torch.full((1, 3, 2, 2), torch.nan), None, None)


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
@pytest.mark.parametrize("dose", [None, "x", [1.0, 2.0], float("nan"), float("inf"), -1e9])
def test_a_dose_that_is_none_is_refused_at_once(op, dose) -> None:
    with pytest.raises(OptionError, match="dose: expected"):
        op(torch.rand(1, 3, 4, 4), dose)


@pytest.mark.parametrize("op", ["gaussian_blur", "box_blur"])
def test_a_window_wider_than_any_image_is_refused_at_once(op) -> None:
    with pytest.raises(OptionError, match="to 1000, got 1e"):
        OPS[op](torch.rand(1, 3, 4, 4), 1e9)

"""Views and mixtures as a person writes them: ``box_blur(3)``, ``original=.5,vflip=.5``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..catalogue import ORIGINAL, VIEWS, ViewSpec
from ..errors import OptionError, did_you_mean

_FORM = re.compile(r"(?P<op>\w+)(?:\((?P<in>[^()]+)\)|[=:](?P<dose>.+))?")


def read_view(text: str, *, what: str = "views", source: str = "chosen") -> ViewSpec:
    """The view that a text names.

    Parameters
    ----------
    text : str
        ``op``, ``op(dose)`` or ``op=dose``; without a dose the first usual one. ``original`` is
        the image itself.
    what : str, default "views"
        What an error is about.
    source : str, default "chosen"
        Where the view comes from.

    Returns
    -------
    ViewSpec

    Raises
    ------
    OptionError
        No such operation, or a dose that it cannot have.

    Examples
    --------
    >>> read_view("box_blur(5)").name, read_view("gamma=.5").name, read_view("vflip").name
    ('box_blur(5)', 'gamma(0.5)', 'vflip')
    >>> read_view("sepia")
    Traceback (most recent call last):
    ...
    sensitivity.errors.OptionError: views: expected an operation among original, gaussian_blur, ...
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise OptionError(what, "expected a view such as vflip or box_blur(3)", got=repr(text))
    op, dose = found["op"], found["in"] or found["dose"]
    if op in ("original", "identity") and dose is None:
        return ORIGINAL
    known = [view for view in VIEWS if view.op == op]
    if not known:
        names = list(dict.fromkeys(["original", *(view.op for view in VIEWS)]))
        rule, near = f"expected an operation among {', '.join(names)}", did_you_mean(op, names)
        raise OptionError(what, rule, got=op, where=near)
    value = known[0].usual[0] if dose is None else _number(dose, what, f"a dose of {op}")
    # Of an operation that goes both ways, the side that the dose lies on.
    side = min(known, key=lambda view: not _between(value, view.identity, view.strongest))
    return ViewSpec(op, value, feature=side.feature, direction=side.direction, source=source)


def declared_views(ops: Sequence[str]) -> tuple[ViewSpec, ...]:
    """Every view of the symmetries that a user declares.

    Parameters
    ----------
    ops : sequence of str
        Among hflip, vflip, rot90, channel_flip.

    Returns
    -------
    tuple of ViewSpec
        In order, of each all usual doses.

    Raises
    ------
    OptionError
        What is no symmetry needs no declaration.

    Examples
    --------
    >>> [view.name for view in declared_views(["hflip", "rot90"])]
    ['hflip', 'rot90(1)', 'rot90(2)', 'rot90(3)']
    """
    symmetric = {view.op: view for view in VIEWS if view.symmetric}
    for op in ops:
        if op not in symmetric:
            raise OptionError("declare", f"expected one of {', '.join(symmetric)}", got=op)
    return tuple(
        ViewSpec(op, dose, source="declared")
        for op in dict.fromkeys(ops)
        for dose in symmetric[op].usual
    )


def read_mixture(text: str) -> dict[str, float]:
    """The mixture that a text names: from view to share.

    Parameters
    ----------
    text : str
        ``view=share`` and a comma, as often as there are views.

    Returns
    -------
    dict
        Views by their full names; shares add up to 1.

    Raises
    ------
    OptionError
        No such view, one that is named twice, or shares that are no shares.

    Examples
    --------
    >>> read_mixture("original=.5,box_blur(3)=.5")
    {'original': 0.5, 'box_blur(3)': 0.5}
    """
    mixture: dict[str, float] = {}
    for part in text.split(","):
        name, equals, share = part.rpartition("=")
        if not equals:
            rule = "expected VIEW=SHARE,VIEW=SHARE such as original=.5,vflip=.5"
            raise OptionError("mix", rule, got=repr(text))
        view = read_view(name, what="mix").name
        if view in mixture:
            raise OptionError("mix", "expected each view once", got=f"{view} twice")
        mixture[view] = _number(share, "mix", f"a share of {view}")
    if not (min(mixture.values()) >= 0 and abs(sum(mixture.values()) - 1) <= 1e-6):
        rule = "expected shares of 0 or more that add up to 1"
        raise OptionError("mix", rule, got=repr(text))
    return mixture


def mixture_name(mixture: Mapping[str, float]) -> str:
    """What a mixture is called beside other strategies.

    Parameters
    ----------
    mixture : mapping
        From view to share.

    Returns
    -------
    str

    Examples
    --------
    >>> mixture_name({"original": 0.5, "vflip": 0.5})
    '.5 original + .5 vflip'
    """
    parts = (f"{share:.3g}".removeprefix("0") + f" {name}" for name, share in mixture.items())
    return " + ".join(parts)


def with_views(views: Iterable[ViewSpec], further: Iterable[ViewSpec]) -> tuple[ViewSpec, ...]:
    """Views with further ones, each name once.

    Parameters
    ----------
    views, further : iterable of ViewSpec
        The first of one name is kept.

    Returns
    -------
    tuple of ViewSpec

    Raises
    ------
    OptionError
        A further one is a symmetry that neither the training had nor the user declared: it
        would be no image of the kind that the model knows.

    Examples
    --------
    >>> with_views([ORIGINAL], [read_view("vflip")])
    Traceback (most recent call last):
    ...
    sensitivity.errors.OptionError: views: expected a symmetry to be declared, got vflip (if an
    image stays of its class under it: --declare vflip)
    """
    kept = {view.name: view for view in views}
    for view in further:
        if view.is_symmetric and view.name not in kept:
            where = f"if an image stays of its class under it: --declare {view.op}"
            rule = "expected a symmetry to be declared"
            raise OptionError("views", rule, got=view.name, where=where)
        kept.setdefault(view.name, view)
    return tuple(kept.values())


def _number(text: str, what: str, rule: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise OptionError(what, f"expected a number as {rule}", got=repr(text)) from None


def _between(value: float, first: float, last: float) -> bool:
    return min(first, last) <= value <= max(first, last)

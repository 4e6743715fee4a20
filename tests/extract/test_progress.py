"""The bar and the functions that draw none; in a notebook: tests/test_notebooks.py."""

from __future__ import annotations

from sensitivity.extract.progress import shown


def test_bar_ends_full(capsys):
    with shown(True) as show:
        for done in (2, 3, 5):
            show(done, 5)
    assert "5/5" in capsys.readouterr().err.splitlines()[-1]


def test_own_function_gets_every_call():
    seen: list[tuple[int, int]] = []
    with shown(lambda *pair: seen.append(pair)) as show:
        show(2, 5)
        show(5, 5)
    assert seen == [(2, 5), (5, 5)]


def test_nothing_is_shown_unless_asked_for(capsys):
    for progress in (None, False):
        with shown(progress) as show:
            show(1, 1)
    assert capsys.readouterr() == ("", "")

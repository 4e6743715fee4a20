"""Bytes by name: what is read, and the status of what cannot be."""

import os
from pathlib import Path

import pytest

from sensitivity import stores
from sensitivity.errors import ImageError


def status_of(name: str) -> tuple[str, str]:
    with pytest.raises(ImageError) as caught:
        stores.read_bytes(name)
    return caught.value.status, str(caught.value)


@pytest.mark.parametrize("name", ["a.png", "dir with space/ä 图#?.png", "no_suffix"])
def test_reads_any_local_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\x00content\n")
    assert stores.read_bytes(str(file)) == b"\x00content\n"
    assert stores.read_bytes(name) == b"\x00content\n"  # relative to the working directory
    assert stores.read_bytes(file.as_uri()) == b"\x00content\n"


def test_file_urls(tmp_path: Path) -> None:
    (tmp_path / "100%25.png").write_bytes(b"x")
    assert stores.read_bytes(f"file://localhost{tmp_path}/100%2525.png") == b"x"
    assert stores.read_bytes(f"FILE://{tmp_path}/100%2525.png") == b"x"
    assert status_of("file://server/share/a.png")[0] == "unsupported"


def test_empty_file_is_no_error_here(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert stores.read_bytes("a.png") == b""


@pytest.mark.parametrize("name", ["none.png", "no/such/folder/a.png", "", "a\0b.png", "n" * 5000])
def test_missing(name: str) -> None:
    assert status_of(name)[0] == "missing"
    assert stores.stat(name) is None


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "x.png").mkdir()
    status, message = status_of("x.png")
    assert status == "unsupported"
    assert "a folder, not a file (x.png)" in message


def test_pipe_and_device_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    for name in ("a.png", "/dev/zero"):
        status, message = status_of(name)
        assert status == "unsupported"
        assert "a pipe or a device, not a file" in message


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(b"x")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    status, message = status_of("a.png")
    assert status == "missing"
    assert "permission" in message


def test_disk_error_says_what_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(b"x")

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("builtins.open", fail)
    assert status_of("a.png") == (
        "missing",
        "image missing: cannot be read: Input/output error (a.png)",
    )


@pytest.mark.parametrize("scheme", ["s3", "obs", "gs", "https", "hdfs", "S3"])
def test_other_schemes(scheme: str) -> None:
    status, message = status_of(f"{scheme}://bucket/a.png")
    assert status == "unsupported"
    assert "local paths only; download the files, or pass images=" in message
    assert stores.stat(f"{scheme}://bucket/a.png") is None


def test_windows_drive_is_no_scheme() -> None:
    assert status_of("C://photos/a.png")[0] == "missing"


def test_stat_follows_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"12345")
    found = stores.stat("a.png")
    assert found == (5, file.stat().st_mtime_ns)
    assert stores.stat(file.as_uri()) == found


def test_resolve_joins_relative_names_only(tmp_path: Path) -> None:
    names = ["a.png", "sub/b.png", "/abs/c.png", "s3://bucket/d.png", "file:///e.png"]
    root = str(tmp_path)
    assert stores.resolve(names, root) == [f"{root}/a.png", f"{root}/sub/b.png", *names[2:]]
    assert stores.resolve(names, tmp_path) == stores.resolve(names, root)


def test_resolve_without_root_changes_nothing() -> None:
    assert stores.resolve(["a.png", "/b.png"], None) == ["a.png", "/b.png"]
    assert stores.resolve([], "root") == []

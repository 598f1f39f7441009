"""Files that a user asks for, written so that nothing is lost.

A file is made beside its place, brought to the disk, and renamed: whoever reads it finds the old
one or the new one, and whatever goes wrong (a full disk, one that cannot be written to, a key
pressed) leaves the old one and nothing beside it. A place is refused that is a link, or lies
behind one or behind `..`, since it is not where its name says.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def save(path: Path, content: str | bytes) -> None:
    """Write a file, or put it in the place of the one that is there. OSError if it cannot be."""
    save_all({path: content})


def save_all(files: Mapping[Path, str | bytes]) -> None:
    """Write files, none of them before all are on the disk. OSError if one cannot be written."""
    made: dict[Path, Path] = {}
    try:
        for path in files:
            refuse_elsewhere(path)
        for path, content in files.items():
            made[path] = path.parent / f".drp-{secrets.token_hex(8)}"
            _make(made[path], content, path)
        for path, beside in made.items():
            try:
                os.replace(beside, path)
            except OSError as error:
                raise _said_of(path, error) from None
    except BaseException:
        for beside in made.values():
            with suppress(OSError):
                beside.unlink()
        raise
    for folder in {path.parent for path in files}:
        _bring_to_disk(folder)


def create(path: Path, content: str | bytes) -> None:
    """Write a file that is not there yet; FileExistsError if it is. OSError as in `save`."""
    refuse_elsewhere(path)
    _make(path, content, path)


def folder(path: Path) -> None:
    """Make a folder, and those above it, where they are not there. OSError as in `save`."""
    refuse_elsewhere(path / "any")
    path.mkdir(parents=True, exist_ok=True)


def refuse_elsewhere(path: Path) -> None:
    """OSError if a place is not where its name says, or holds what is no file.

    Links in the root folder are the system's own, such as `/tmp` on some systems, and may be used.
    """
    if ".." in path.parts:
        raise OSError(0, "“..” is not written through; name the folder itself", str(path))
    for place in (path, *path.parents):
        if place.is_symlink() and place.absolute().parent != Path(place.absolute().anchor):
            said = "this is a link" if place == path else f"“{place}” is a link"
            raise OSError(0, f"{said}, and links are not written through", str(path))
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a device or a pipe"
        raise OSError(0, f"this is {kind}; name a file", str(path))


def _make(place: Path, content: str | bytes, named: Path) -> None:
    """A new file with its content on the disk, or none; faults speak of `named`."""
    data = content.encode() if isinstance(content, str) else content
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        file = os.open(place, flags, 0o666)
    except OSError as error:
        raise _said_of(named, error) from None
    try:
        try:
            written = 0
            while written < len(data):
                written += os.write(file, data[written:])
            _allow(file, named)
            os.fsync(file)
        finally:
            os.close(file)
    except BaseException as error:
        with suppress(OSError):
            place.unlink()
        if isinstance(error, OSError):
            raise _said_of(named, error) from None
        raise


def _said_of(path: Path, error: OSError) -> OSError:
    """The same fault, said of the file that was asked for."""
    return OSError(error.errno, error.strerror or str(error), str(path))


def _allow(file: int, named: Path) -> None:
    """Whoever may read and write the file that is there may do so with the one in its place."""
    with suppress(FileNotFoundError):
        os.chmod(file, stat.S_IMODE(named.stat().st_mode))


def _bring_to_disk(folder: Path) -> None:
    """Bring the names in a folder to the disk, as far as the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


__all__ = ["create", "folder", "refuse_elsewhere", "save", "save_all"]

import dataclasses

import pytest

from interactive_gym.packages.game_code import GameCode

CODE = GameCode(
    b"env = 1\n",
    {"interactive_gym/__init__.py": b"", "interactive_gym/netcode/cells.py": b"A = 1\n"},
    [("b-1-py3-none-any.whl", b"wheel b"), ("a-1-py3-none-any.whl", b"wheel a")],
    "0.1",
)


def test_code_is_read_back_from_its_files() -> None:
    assert GameCode.from_files(CODE.files()) == CODE


@pytest.mark.parametrize(
    "change",
    [
        {"environment": b"env = 2\n"},
        {"runtime": {**CODE.runtime, "interactive_gym/netcode/cells.py": b"A = 2\n"}},
        {"wheels": CODE.wheels[::-1]},
        {"wheels": [("b-1-py3-none-any.whl", b"wheel c"), CODE.wheels[1]]},
        {"pyodide_version": "0.2"},
    ],
)
def test_whatever_decides_a_frame_is_in_the_digest(change) -> None:
    assert dataclasses.replace(CODE, **change).digest != CODE.digest


@pytest.mark.parametrize("path", sorted(CODE.files()))
def test_a_missing_file_shows(path) -> None:
    files = {name: content for name, content in CODE.files().items() if name != path}
    try:
        assert GameCode.from_files(files).digest != CODE.digest
    except ValueError as error:
        assert path in str(error)


def test_a_file_that_the_code_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match=r"sitecustomize\.py is not part of the code"):
        GameCode.from_files({**CODE.files(), "sitecustomize.py": b"import os"})


def test_a_description_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"code\.json cannot be read"):
        GameCode.from_files({**CODE.files(), "code.json": b"[1]"})

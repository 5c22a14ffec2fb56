import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.data.frame_copies import Desync, FrameCopies
from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from interactive_gym.server.data.game_folder import NoFolder
from tests.support.files_on_disk import file_size_limit, new_folder

COLUMNS = [*BASE_COLUMNS, "info_é"]
HEADER = header_line(COLUMNS)


def block(frame: int, variant: int) -> str:
    """The rows of a frame, which are equal for equal variants."""
    return f"{frame},é{variant}\n{frame},{'x' * variant}\n"


def own_file(folder, seat: int) -> str | None:
    path = folder / f"frames.seat{seat}.csv"
    return path.read_text() if path.exists() else None


def expected(copies: list[list[int]]) -> tuple[int | None, str, list[str]]:
    """The first frame that differs, and the files that there must be, by the definition."""
    longest = max(map(len, copies))
    fork = None
    for frame in range(longest):
        if len({copy[frame] for copy in copies if len(copy) > frame}) > 1:
            fork = frame
            break
    common = max(copies, key=len)[:fork]
    text = HEADER + "".join(block(frame, variant) for frame, variant in enumerate(common))
    own = [
        HEADER + "".join(block(frame, copy[frame]) for frame in range(fork, len(copy)))
        if fork is not None and len(copy) > fork
        else None
        for copy in copies
    ]
    return fork, text, own


uploads = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.integers(0, 1), min_size=1, max_size=4)),
    min_size=1,
    max_size=9,
)


@settings(max_examples=300)
@given(uploads)
def test_whoever_uploads_what_and_when_the_files_are_what_nobody_contradicts_and_the_rest(
    tmp_path_factory, sent
):
    folder = tmp_path_factory.mktemp("games") / "game"
    disk = new_folder(folder)
    copies = FrameCopies(disk, 3)
    told = []
    so_far: list[list[int]] = [[], [], []]
    for seat, variants in sent:
        first = len(so_far[seat])
        assert copies.frames_of(seat) == first
        blocks = [block(first + offset, variant) for offset, variant in enumerate(variants)]
        desync = copies.add(seat, COLUMNS, blocks)
        so_far[seat] += variants
        fork, common, own = expected(so_far)
        assert (folder / "frames.csv").read_text() == common
        assert [own_file(folder, number) for number in range(3)] == own
        assert copies.frames == common.count("\n") // 2
        assert [copies.is_contradicted(number) for number in range(3)] == [
            text is not None for text in own
        ]
        if desync is not None:
            told.append(desync)
            assert desync.frame == fork
            assert {seat} < set(desync.seats)
    assert (expected(so_far)[0] is not None) == bool(told)
    assert [desync.frame for desync in told] == sorted(
        {desync.frame for desync in told}, reverse=True
    )
    disk.close()


@pytest.mark.parametrize("room", range(0, 400, 7))
def test_a_difference_that_could_not_be_written_is_found_again(tmp_path, room):
    folder = tmp_path / "game"
    copies = FrameCopies(new_folder(folder), 2)
    copies.add(0, COLUMNS, [block(frame, 0) for frame in range(3)])
    other = [block(0, 0), block(1, 1), block(2, 1)]
    desync = None
    with file_size_limit(room):
        try:
            desync = copies.add(1, COLUMNS, other)
        except OSError:
            assert copies.frames_of(1) == 0
    if desync is None:
        desync = copies.add(1, COLUMNS, other)
    assert desync == Desync(1, (0, 1), "rows")
    _, common, own = expected([[0, 0, 0], [0, 1, 1]])
    assert (folder / "frames.csv").read_text() == common
    assert [own_file(folder, seat) for seat in range(2)] == own


def test_frames_that_are_known_are_not_acknowledged_once_their_file_is_gone(tmp_path):
    copies = FrameCopies(new_folder(tmp_path / "game"), 2)
    copies.add(0, COLUMNS, [block(0, 0)])
    os.remove(tmp_path / "game" / "frames.csv")
    with pytest.raises(FileNotFoundError):
        copies.add(1, COLUMNS, [block(0, 0)])
    assert copies.frames_of(1) == 0


def test_where_nothing_is_kept_copies_are_compared_all_the_same():
    copies = FrameCopies(NoFolder(), 2)
    copies.add(0, COLUMNS, [block(0, 0), block(1, 0)])
    assert copies.add(1, COLUMNS, [block(0, 0), block(1, 1)]) == Desync(1, (0, 1), "rows")
    assert copies.add(0, COLUMNS, [block(2, 0)]) is None
    assert (copies.frames, copies.frames_of(0)) == (1, 3)

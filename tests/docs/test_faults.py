"""The page about faults says what the fault matrix has found."""

from tests.support.e2e import fault_cells
from tests.support.e2e.fault_matrix import FAULTS, STAGES


def test_the_tables_are_those_of_the_matrix():
    (shown,) = fault_cells.TABLES.findall(fault_cells.PAGE.read_text())
    assert shown == "\n" + fault_cells.tables() + "\n"


def test_every_fault_was_tried_at_every_stage():
    cells = fault_cells.stored()
    assert list(cells) == list(STAGES)
    for faults in cells.values():
        assert list(faults) == list(FAULTS)


NOT_ALL_UPLOADED = {("uploading", "page reloaded"), ("uploading", "link opened again")}
"""Where the only page that had the last rows is gone, and the game is over for its partner."""


def test_whoever_has_a_page_is_told_something_and_nothing_that_was_played_is_contradicted():
    for stage, faults in fault_cells.stored().items():
        for fault, found in faults.items():
            for name in ("ann", "ben"):
                sees, outcome = found[f"{name}_sees"], found[name]
                is_told = outcome is not None or str(sees).endswith("+code")
                waits = sees == "(waiting)"
                assert sees is None or is_told or waits, (stage, fault)
            is_agreed = found["game"] is None or found["game"][1] is not False
            assert is_agreed == ((stage, fault) not in NOT_ALL_UPLOADED), (stage, fault)

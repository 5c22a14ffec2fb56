"""Every fault at every stage, in two real browsers on an emulated network.

One cell is tried in every run. `SWEEPS=all` tries them all, which takes forty minutes;
`FAULT_MATRIX=keep` stores what comes of them, for the table in the docs.
"""

import os
from pathlib import Path

import pytest

from tests.support.e2e import fault_cells
from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.fault_matrix import FAULTS, STAGES, Trial
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab]

ALWAYS = ("probing", "server killed and restarted")
CELLS = [
    pytest.param(stage, fault, marks=[] if (stage, fault) == ALWAYS else pytest.mark.sweep)
    for stage in STAGES
    for fault in FAULTS
]


@pytest.mark.parametrize(("stage", "fault"), CELLS)
def test_what_comes_of_a_fault(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path, stage: str, fault: str
) -> None:
    found = Trial(lab, participant, tmp_path).run(stage, fault)
    if os.environ.get("FAULT_MATRIX") == "keep":
        fault_cells.keep(stage, fault, found)
    assert found == fault_cells.stored()[stage][fault]

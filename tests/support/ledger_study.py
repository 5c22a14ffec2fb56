"""A study whose ledger is a file, and what can happen in one."""

from interactive_gym.server.data.line_files import LineFile
from interactive_gym.server.ledger.match_logger import MatchLogger
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation.ledger_replay import parse_ledger
from tests.support.matching_fakes import FakeScene, World

RTTS_MS = {"ab": 212.4, "ac": 90.0, "bc": 170.0, "ad": None, "bd": 40.0, "cd": 151.0}
THREE = ("one", "two", "three")


class Newest(Matchmaker):
    """Groups whoever arrives with the latest before them, if those came some time before."""

    def __init__(self, max_p2p_rtt_ms, *, after_s=0.0):
        super().__init__(max_p2p_rtt_ms)
        self.after_s = after_s

    def find_match(self, arriving, waiting, group_size):
        if any(arriving.waiting_since_s - c.waiting_since_s < self.after_s for c in waiting):
            return None
        return [*waiting[-(group_size - 1) :], arriving] if len(waiting) >= group_size - 1 else None


def answer(probe):
    probe.complete(RTTS_MS.get("".join(sorted((probe.subject_a, probe.subject_b))), 100.0))


class Study(World):
    """A world whose ledger is a file."""

    def __init__(self, tmp_path, matchmaker, agents=("left", "right"), **parts):
        self.path = tmp_path / "matching.jsonl"
        self.server_rtt_ms = {"a": 30.0, "b": 80.0, "c": 45.0}
        super().__init__(
            matchmaker=matchmaker,
            scene=FakeScene(human_agents=agents, waitroom_timeout_ms=60_000),
            server_rtt_ms=self.server_rtt_ms.get,
            match_logger=lambda world: MatchLogger(
                LineFile.alone(self.path), clock=world.clock, wall_clock=lambda: 1_700_000_000.0
            ),
            **parts,
        )

    def lines(self):
        return parse_ledger(self.path.read_text())


def eventful(study):
    """People come, are probed, rejected, lost, reload, cannot start, wait in vain."""
    study.prober.inside = answer
    study.join("a", "b", "c", "d")
    study.pass_time(7.0)
    study.server_rtt_ms["b"] = 22.0
    study.manager.handle_disconnect("b")
    study.manager.handle_reconnect("b")
    study.pass_time(0.3)
    study.join("b", "e", "f")
    study.prober.inside = None
    study.join("g", "h", "i")
    study.pass_time(1.1)
    study.manager.handle_reload("h")
    study.join("h", "j")
    study.pass_time(31.0)
    for probe in study.prober.probes[-3:]:
        probe.complete(180.0)
    study.server_rtt_ms["g"] = 12.0
    study.prober.inside = lambda probe: probe.complete(None)
    study.pass_time(9.0)
    study.prober.inside = answer
    study.join("k", "l", "m")
    study.pass_time(200.0)
    return study

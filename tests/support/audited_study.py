"""A study whose files lie as a server leaves them: ledger, manifest, participants and games."""

import statistics

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.ledger.match_logger import open_ledger
from interactive_gym.server.probing.report import make_report, make_side
from tests.support.ledger_study import RTTS_MS
from tests.support.matching_fakes import FakeScene, World


def samples_around(rtt_ms):
    return tuple(round(rtt_ms + step, 3) for step in (8.0, -1.5, 0.0, 2.25, -0.5))


def report_of(probe, rtt_ms):
    """Both browsers' account of a probe, whose median is `rtt_ms`; `None` is a failure."""
    samples = () if rtt_ms is None else samples_around(rtt_ms)
    sides = tuple(
        make_side(
            subject_id,
            tuple(sample - less for sample in samples),
            lost=0,
            hidden=False,
            stats_rtt_ms=None,
            local_candidate_type="host",
            remote_candidate_type="srflx",
            reason=None if samples else "the connection failed",
        )
        for subject_id, less in ((probe.subject_a, 0.0), (probe.subject_b, 1.0))
    )
    assert not samples or statistics.median(samples) == rtt_ms
    return make_report(
        probe_session_id=probe.probe_session_id,
        offerer=probe.subject_a,
        answerer=probe.subject_b,
        sides=sides,
        duration_ms=0.0,
        failure_reason=None if samples else "1 of 2 participants reported",
        causes=None if samples else {probe.subject_b: "no_report"},
    )


def tell(probe, rtt_ms):
    report = report_of(probe, rtt_ms)
    probe.on_complete(probe.subject_a, probe.subject_b, report.rtt_ms, report=report)


def answer(probe):
    tell(probe, RTTS_MS.get("".join(sorted((probe.subject_a, probe.subject_b))), 100.0))


class AuditedStudy(World):
    """One start of a server on a study's folder."""

    def __init__(self, tmp_path, matchmaker, agents=("left", "right"), **parts):
        self.folder = tmp_path / "study"
        self.path = self.folder / "game/matching.jsonl"
        self.manifest = self.folder / "manifest.json"
        self.server_rtt_ms = {"a": 30.0, "b": 80.0, "c": 45.0}
        starts = self.path.read_text().count('"kind": "plan"') if self.path.exists() else 0
        self.data = DataStore(tmp_path, "study", wall_clock=lambda: self.now_wall_s())
        super().__init__(
            matchmaker=matchmaker,
            scene=FakeScene(human_agents=agents, waitroom_timeout_ms=60_000, leave_after_ms=5000),
            server_rtt_ms=self.server_rtt_ms.get,
            data_store=self.data,
            first_id=1000 * starts,
            match_logger=lambda world: self._logger(world),
            **parts,
        )
        self.prober.first_id = 1000 * starts

    def now_wall_s(self):
        return 1_700_000_000.0 + (self.clock.now_s if hasattr(self, "clock") else 1000.0)

    def pass_time(self, seconds, *, tick_s=0.5):
        super().pass_time(seconds, tick_s=tick_s)
        self.data.tick()

    def close(self):
        """Stop in order, as on SIGTERM."""
        self.manager.stop_matching()
        self.manager.stop_games()
        self.manager.close_games()
        self.data.close()

    def _logger(self, world):
        logger = open_ledger(self.data, "game")
        logger._clock, logger._wall_clock = world.clock, self.now_wall_s
        return logger


def play(study, *subject_ids):
    """Have a group play its game to the end."""
    game_id = study.start_game(*subject_ids)
    for subject_id in subject_ids:
        study.send(
            subject_id, "game_finished", game_id=game_id, reason="completed", frames=0, digest=""
        )
    study.manager.forget(subject_ids[0])
    return game_id


def eventful_start(study):
    """People come, are probed, rejected, lost, reload, play, cannot start, wait in vain."""
    study.prober.inside = answer
    study.join("a", "b", "c", "d")
    study.pass_time(7.0)
    study.server_rtt_ms["b"] = 22.0
    study.manager.handle_disconnect("b")
    study.manager.handle_reconnect("b")
    study.pass_time(0.3)
    study.join("b", "e", "f")
    for group in groups_invited(study):
        play(study, *group)
    study.prober.inside = None
    study.join("g", "h", "i")
    study.pass_time(1.1)
    study.manager.handle_reload("h")
    study.join("h", "j")
    study.pass_time(3.0)
    study.manager.leave_waitroom("j")
    study.pass_time(31.0)
    for probe in study.prober.probes[-3:]:
        tell(probe, 180.0)
    study.server_rtt_ms["g"] = 12.0
    study.prober.inside = lambda probe: tell(probe, None)
    study.pass_time(9.0)
    study.prober.inside = answer
    study.join("k", "l", "m")
    study.pass_time(200.0)
    return study


def groups_invited(study):
    games = [game for game in study.open_games() if not game.started]
    return [tuple(seat.subject_id for seat in game.seats) for game in games]

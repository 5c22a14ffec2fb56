"""The examples of `docs/matching.md` are run as they stand there."""

import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from interactive_gym.server.data.line_files import LineFile
from interactive_gym.server.ledger.match_logger import MatchLogger
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from tests.support.matching_fakes import FakeScene, World
from tests.support.paths import DOCS

PAGE = DOCS / "matching.md"


def example(number: int) -> SimpleNamespace:
    """What the page's example of this number defines."""
    names: dict[str, object] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[number], names)
    return SimpleNamespace(**names)


def people(**attributes):
    return [
        MatchCandidate(subject_id, attributes={"skill": value})
        for subject_id, value in attributes.items()
    ]


def test_the_scene_with_limits_groups_people_of_one_condition():
    here = example(0)
    here.conditions.update(a="red", b="blue", c="red")
    a, b, c = (
        MatchCandidate(subject_id, 20.0, attributes=here.game.attributes_of(subject_id))
        for subject_id in "abc"
    )
    pool = MatchPool(
        [a, b, c], matchmaker=here.game.matchmaker, graph=LatencyGraph(), group_size=2, now_s=0.0
    )
    assert here.game.matchmaker.propose(pool) == [[a, c]]
    assert here.game.waitroom_timeout_ms == 180_000


def test_the_nearest_skill_is_proposed():
    arriving, *waiting = people(new=5, low=1, near=6, high=9)
    group = example(1).NearestSkill().find_match(arriving, waiting, 2)
    assert {member.subject_id for member in group} == {"new", "near"}


def test_the_likeliest_pairs_are_proposed_all_at_once():
    matchmaker = example(2).LikeliestFirst(max_p2p_rtt_ms=50)
    rtts_ms = {"a": 10.0, "b": 30.0, "c": 12.0, "d": 45.0}
    candidates = [MatchCandidate(subject_id, ms) for subject_id, ms in rtts_ms.items()]
    pool = MatchPool(
        candidates, matchmaker=matchmaker, graph=LatencyGraph(), group_size=2, now_s=0.0
    )
    groups = [{member.subject_id for member in group} for group in matchmaker.propose(pool)]
    assert groups == [{"a", "c"}, {"b", "d"}]


def test_the_ledger_tells_who_was_removed_by_latency(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("data/my_study/volleyball")
    folder.mkdir(parents=True)
    world = World(
        matchmaker=FIFOMatchmaker(100),
        scene=FakeScene(waitroom_timeout_ms=60_000),
        server_rtt_ms={"near1": 20.0, "near2": 30.0, "far": 150.0}.get,
        match_logger=lambda world: MatchLogger(
            LineFile.alone(folder / "matching.jsonl"), clock=world.clock
        ),
    )
    rtts_ms = {"near1": 60.0, "near2": 60.0, "far": 180.0}
    world.prober.inside = lambda probe: probe.complete(
        max(rtts_ms[probe.subject_a], rtts_ms[probe.subject_b])
    )
    world.join("far", "near1", "near2")
    world.pass_time(61.0)
    found: pd.DataFrame = example(3).people
    assert found["outcome"].to_dict() == {
        "far": "waitroom_timeout",
        "near1": "played",
        "near2": "played",
    }
    assert found.loc["far", "rejections"] >= 1
    assert found.loc["far", "server_rtt_ms"] == 150.0

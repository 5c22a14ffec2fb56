from interactive_gym.reporting.quality import quality_of
from tests.support.reported_study import FRAMES


def test_games_are_flagged_for_what_speaks_against_them(study, tables) -> None:
    games = {it.game_id: it for it in quality_of(tables)}
    assert len(games) == len(study.of_kind("matched"))
    for number, line in enumerate(study.of_kind("matched")):
        game = games[line["game_id"]]
        fate = study.fates[line["group"][0]["subject_id"]]
        assert ("stalled" in game.flags) == (number % 5 == 0)
        assert game.stalled == (0.2 if number % 5 == 0 else 0)
        assert ("1 lost" in game.flags) == (fate == "partner_lost")
        assert ("game not ended yet" in game.flags) == (fate == "open")
        assert ("game that its inputs do not confirm" in game.flags) == (fate == "desync")
        assert game.frames == FRAMES and game.hidden == 0
        assert 0.3 < game.idle < 0.9
        assert 15 <= game.rtt_ms <= 60


def test_hidden_and_idle_participants_are_flagged(tables) -> None:
    steps = tables["steps"].assign(hidden=True, action="0")
    for game in quality_of({**tables, "steps": steps}):
        assert {"hidden", "idle"} <= set(game.flags)

from tests.support.matching_fakes import FakeScene, FakeStore, World
from tests.support.played_games import playing


def test_everybody_is_told_their_seat_and_the_same_seed_and_tag():
    world = playing(starts=False)
    a, b = (world.sio.to(subject_id, "game_created")[0] for subject_id in "ab")
    assert (a["game"]["seat"], b["game"]["seat"]) == (0, 1)
    for name in ("seed", "session_tag", "agents", "fps", "num_episodes"):
        assert a["game"][name] == b["game"][name]
    assert a["game"]["agents"] == ["agent-a", "agent-b"]
    assert 0 <= a["game"]["session_tag"] < 2**32
    assert a["ice_servers"] == []
    assert a["force_relay"] is False
    assert "subject" not in str(a)


def test_the_seed_of_the_plan_gives_the_seeds_of_the_games():
    seeds = []
    for _ in range(2):
        world = World()
        world.join("a", "b", "c", "d")
        seeds.append([line["seed"] for line in world.ledger.of("matched")])
    assert seeds[0] == seeds[1]
    assert seeds[0][0] != seeds[0][1]


def test_seeds_and_tags_differ_from_game_to_game_and_fit_their_bits():
    world = World(data_store=FakeStore())
    world.join(*"abcdefghijklmnop")
    matches = [record.match for record in world.store.records]
    assert len({match["seed"] for match in matches}) == len(matches) == 8
    assert len({match["session_tag"] for match in matches}) == 8
    assert all(match["seed"] < 2**31 and match["session_tag"] < 2**32 for match in matches)
    assert max(match["session_tag"] for match in matches) >= 2**24, "all its bytes are used"


def test_the_order_of_the_group_gives_the_seats_and_each_has_waited_as_long_as_they_did():
    world = World(data_store=FakeStore(), scene=FakeScene(human_agents=("one", "two", "three")))
    world.join("a")
    world.clock.advance(7.0)
    world.join("b")
    world.clock.advance(2.5)
    world.join("c")
    (record,) = world.store.records
    assert record.match["group"] == [
        {"seat": 0, "agent": "one", "subject_id": "a", "waited_ms": 9500},
        {"seat": 1, "agent": "two", "subject_id": "b", "waited_ms": 2500},
        {"seat": 2, "agent": "three", "subject_id": "c", "waited_ms": 0},
    ]


def test_everybody_hears_of_the_game_by_the_name_that_its_data_have():
    world = World(data_store=FakeStore())
    world.join("a", "b")
    (record,) = world.store.records
    assert record.match["game_id"] == world.game_id("a") == world.game_id("b")

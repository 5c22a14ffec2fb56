from tests.support.matching_fakes import World


def test_the_seed_of_the_plan_gives_the_seeds_of_the_games():
    seeds = []
    for _ in range(2):
        world = World()
        world.join("a", "b", "c", "d")
        seeds.append([line["seed"] for line in world.ledger.of("matched")])
    assert seeds[0] == seeds[1]
    assert seeds[0][0] != seeds[0][1]

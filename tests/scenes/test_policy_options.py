import pytest

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.scenes.gym_scene import GymScene
from tests.support.game_scenes import game


def heuristic(observation: object, agent: object) -> int:
    return 0


def test_agents_take_their_seats_in_the_order_of_the_policy_mapping():
    scene = game().policies(policy_mapping={"b": PolicyTypes.Human, "a": PolicyTypes.Human})
    assert scene.human_agents == ("b", "a")


def test_agents_may_be_numbered():
    assert game().policies(policy_mapping={0: "human", 1: "human"}).human_agents == (0, 1)


def test_only_agents_of_participants_have_seats():
    scene = game().policies(
        policy_mapping={"a": "chase", "b": PolicyTypes.Human, "c": PolicyTypes.Random, "d": "human"}
    )
    assert scene.agents == ("a", "b", "c", "d")
    assert scene.agent_policies == ("chase", None, "random", None)
    assert scene.human_agents == ("b", "d")
    assert scene.named_policies == {"chase"}


def test_up_to_four_participants_play_among_up_to_sixteen_agents():
    for seats, agents in ((1, 1), (4, 4), (4, 16), (1, 16)):
        policies = ["human"] * seats + ["random"] * (agents - seats)
        scene = game().policies(policy_mapping=dict(enumerate(policies)))
        assert (len(scene.human_agents), len(scene.agents)) == (seats, agents)


def test_frame_skip_alone_keeps_the_mapping():
    config = game().policies(frame_skip=5).game_config()
    assert (config["frame_skip"], config["agents"]) == (5, ["left", "right"])


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"policy_mapping": {}}, "policy_mapping is {}"),
        ({"policy_mapping": [PolicyTypes.Human]}, "give a dict"),
        ({"policy_mapping": dict.fromkeys(range(17), "human")}, "1 to 16 agents"),
        ({"policy_mapping": dict.fromkeys("abcde", PolicyTypes.Human)}, "has 5 agents"),
        ({"policy_mapping": {"a": PolicyTypes.Random}}, "has 0 agents with PolicyTypes.Human"),
        ({"policy_mapping": {"a\n": "human"}}, "control characters"),
        ({"policy_mapping": {True: "human"}}, "agent id True"),
        (
            {"policy_mapping": {"a": "human", "b": "two words"}},
            "policy_mapping['b'] is 'two words'",
        ),
        ({"policy_mapping": {"a": "human", "b": "lambda"}}, "policy_mapping['b'] is 'lambda'"),
        ({"policy_mapping": {"a": "human", "b": heuristic}}, "cannot be sent"),
        ({"policy_mapping": {"a": "human", "b": heuristic}}, "give its name as a string"),
        ({"policy_mapping": {"a": "human", "b": None}}, "policy_mapping['b'] is None"),
        ({"frame_skip": 0}, "frame_skip is 0"),
    ],
)
def test_agents_and_policies_that_cannot_be_played_are_refused(options, named):
    with pytest.raises(ValueError, match=r".*") as caught:
        GymScene().policies(**options)
    assert named in str(caught.value)

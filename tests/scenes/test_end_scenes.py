import pytest

from interactive_gym.scenes.static_scene import CompletionCodeScene, EndScene
from interactive_gym.server.participants.registry import Participant

RECRUITED = Participant(subject_id="s1", recruitment_id="P 1&x=/", completion_code="OWN1")
WALK_IN = Participant(subject_id="s2", recruitment_id=None, completion_code="OWN2")


def test_an_end_page_without_a_redirect_says_so():
    assert EndScene().scene(scene_id="end").to_client(WALK_IN)["redirect_url"] is None


def test_the_redirect_ends_with_the_recruitment_id_or_else_the_subject_id():
    scene = EndScene().scene(scene_id="end")
    scene.redirect(url="https://example.org/done?id=", append_subject_id=True)
    address = "https://example.org/done?id="
    assert scene.to_client(RECRUITED)["redirect_url"] == f"{address}P%201%26x%3D%2F"
    assert scene.to_client(WALK_IN)["redirect_url"] == f"{address}s2"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"url": "example.org"}, "https://"),
        ({"url": "https://example.org", "append_subject_id": True}, "end it with"),
        ({"url": None, "append_subject_id": True}, "end it with"),
        ({"url": "https://example.org/", "append_subject_id": 1}, "True or False"),
    ],
)
def test_a_redirect_that_cannot_work_fails_at_the_call(options, why):
    with pytest.raises(ValueError, match=why):
        EndScene().redirect(**options)


def test_every_participant_has_their_own_completion_code_unless_one_is_given():
    scene = CompletionCodeScene().scene(scene_id="end")
    assert scene.to_client(RECRUITED)["code"] == "OWN1"
    assert scene.to_client(WALK_IN)["code"] == "OWN2"
    assert scene.completion(code="SAME").to_client(WALK_IN)["code"] == "SAME"

import re

from interactive_gym.scenes.questionnaires import InclusionOfOther


def test_closeness_goes_from_one_to_seven_and_the_circles_come_nearer():
    scene = InclusionOfOther().scene(scene_id="page")
    assert scene.form().fields["closeness"].value_of(["7"]) == 7
    centres = [float(x) for x in re.findall(r'cx="([\d.]+)"', scene.page_html)]
    distances = [right - left for left, right in zip(centres[::2], centres[1::2], strict=True)]
    assert len(distances) == 7
    assert distances == sorted(distances, reverse=True)

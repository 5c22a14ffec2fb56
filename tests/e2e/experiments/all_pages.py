"""Every kind of page that asks, one after the other, and no game."""

import argparse

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.questionnaires import (
    Demographics,
    InclusionOfOther,
    NasaTlx,
    PartnerTrust,
)
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import (
    CompletionCodeScene,
    Consent,
    Instructions,
    MultipleChoice,
    OptionBoxes,
    OptionBoxesWithScalesAndTextBox,
    OptionBoxesWithTextBox,
    Quiz,
    ScalesAndTextBox,
    StartScene,
    StaticScene,
    TextBox,
)
from interactive_gym.server.app import run

parser = argparse.ArgumentParser()
parser.add_argument("--host")
parser.add_argument("--port", type=int)
parser.add_argument("--data-dir")
options = parser.parse_args()

PICTURE = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='240' height='80'>"
    "<rect width='240' height='80' fill='teal'/></svg>"
)
FORM = """
<p>Some questions of the researcher's own.</p>
<div class="question"><label for="age">How old are you?</label>
  <input type="number" name="age" id="age" min="18" max="120" required></div>
<div class="question"><label for="town">Where do you live?</label>
  <input name="town" id="town" pattern="[A-Z].*"></div>
<div class="question"><label for="hand">Which hand do you use?</label>
  <select name="hand" id="hand" required>
    <option value="">–</option><option>left</option><option>right</option>
  </select></div>
"""


def named(scene, scene_id):
    return scene.scene(scene_id=scene_id)


scenes = [
    named(StartScene(), "start").display(scene_header="Welcome", scene_body="<p>Hello.</p>"),
    named(Consent(), "consent").display(
        scene_header="Before you begin", scene_body="<p>What the study is about.</p>"
    ),
    named(Instructions(), "instructions").display(
        scene_header="How to play",
        pages=["<h2>Aim</h2><p>Cook soup.</p>", "<h2>Keys</h2><p>Use the arrows.</p>"],
    ),
    named(Quiz(), "quiz")
    .display(
        scene_header="A short quiz",
        questions={"aim": "What do you cook?", "keys": "Which keys do you use?"},
        choices=[["Soup", "Cake"], ["Arrows", "Letters"]],
    )
    .quiz(right_answers=["Soup", "Arrows"], tries=2),
    named(StaticScene(), "form").display(scene_header="A form", scene_body=FORM),
    named(TextBox(), "text_box").display(
        scene_header="In your words", text_box_header="What did you do?", required=True
    ),
    named(OptionBoxes(), "option_boxes").display(
        scene_header="Choose", options=["Red", "Green"], option_box_header="Which colour?"
    ),
    named(OptionBoxesWithTextBox(), "options_and_text").display(
        scene_header="Choose and say why",
        options={"y": "Yes", "n": "No"},
        option_box_header="Again?",
        text_box_header="Why?",
    ),
    named(MultipleChoice(), "multiple_choice").display(
        scene_header="Several questions",
        questions=["What do you see?", "Which do you like?"],
        choices=[["Nothing", "A map"], ["Rice", "Beans", "Soup"]],
        multi_select=[False, True],
        images=[(PICTURE, "A field of one colour"), None],
    ),
    named(ScalesAndTextBox(), "scales").display(
        scene_header="Scales",
        pre_scale_header="How far do you agree?",
        scale_questions=["It was fun.", "It was long."],
        scale_labels=["Not at all", "Fully"],
    ),
    named(OptionBoxesWithScalesAndTextBox(), "options_and_scales").display(
        scene_header="Both",
        options=["Alone", "Together"],
        option_box_header="How do you play?",
        scale_questions={"ease": "How easy was it?"},
        scale_size=3,
        scale_labels=["Hard", "Neither", "Easy"],
    ),
    named(NasaTlx(), "tlx"),
    named(InclusionOfOther(), "closeness"),
    named(PartnerTrust(), "trust"),
    named(Demographics(), "demographics"),
    named(CompletionCodeScene(), "end").display(scene_header="Thank you").completion(code="DONE"),
]
config = (
    ExperimentConfig()
    .experiment(stager=Stager(scenes=scenes), experiment_id="pages", data_dir=options.data_dir)
    .hosting(host=options.host, port=options.port)
)

if __name__ == "__main__":
    run(config)

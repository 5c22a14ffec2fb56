import pytest

from interactive_gym.scenes.static_scene import Consent
from interactive_gym.server.participants.registry import Participant


def consent():
    return Consent().scene(scene_id="consent")


def test_nobody_goes_on_without_the_tick():
    (field,) = consent().form().fields.values()
    assert (field.item, field.kind, field.is_required) == ("consent", "tick", True)
    with pytest.raises(ValueError, match="tick"):
        field.value_of([])


def test_whoever_declines_is_led_out_with_the_researchers_words():
    scene = consent().consent(decline_label="No", refused_message="Bye <b>")
    assert scene.to_client(Participant("s1", None, "CODE"))["decline_label"] == "No"
    assert scene.declined().way_out == "consent_refused"
    assert "Bye &lt;b&gt;" in scene.farewell()["body"]


def test_the_statement_is_plain_text():
    assert "I &lt;agree&gt;" in consent().consent(statement="I <agree>").page_html
    with pytest.raises(ValueError, match="statement is ''"):
        Consent().consent(statement="")

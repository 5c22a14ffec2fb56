import pytest

from interactive_gym.scenes.questionnaires import PartnerTrust


def test_every_statement_about_the_partner_must_be_answered_by_a_point_of_seven():
    fields = PartnerTrust().scene(scene_id="page").form().fields
    assert all(field.is_required for field in fields.values())
    assert fields["trust"].value_of(["7"]) == 7
    with pytest.raises(ValueError):
        fields["trust"].value_of(["8"])

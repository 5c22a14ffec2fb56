"""Ready pages with questions that many studies ask. Each says its source and who may use it."""

from interactive_gym.scenes.questionnaires.demographics import Demographics
from interactive_gym.scenes.questionnaires.inclusion_of_other import InclusionOfOther
from interactive_gym.scenes.questionnaires.nasa_tlx import NasaTlx
from interactive_gym.scenes.questionnaires.partner_trust import PartnerTrust

__all__ = ["Demographics", "InclusionOfOther", "NasaTlx", "PartnerTrust"]

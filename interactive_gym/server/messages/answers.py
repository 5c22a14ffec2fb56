"""What a browser sends when a participant goes on from a page: the page, and what it asked."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from interactive_gym.scenes.forms.field import MAX_TEXT_CHARS
from interactive_gym.scenes.forms.form_html import MAX_ITEM_CHARS
from interactive_gym.server.messages.device import DeviceReport
from interactive_gym.server.messages.fields import Age, Count, Id

MAX_ANSWERS = 1000
"""Most answers of one page, and most choices of one answer."""


class GivenAnswer(msgspec.Struct, frozen=True):
    """One answer."""

    item: Annotated[str, Meta(min_length=1, max_length=MAX_ITEM_CHARS)]
    """The name of the inputs."""

    values: Annotated[
        list[Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]], Meta(max_length=MAX_ANSWERS)
    ]
    """What they hold, as `FormData.getAll` gives it: nothing where there is no answer."""

    age_ms: Age | None = None
    """How long ago the answer was given; `None` if nothing was touched."""


class AdvanceScene(msgspec.Struct, frozen=True):
    """`advance_scene`: leave a scene for the next, with the answers of its page."""

    scene_id: Id
    """The scene to leave."""

    answers: Annotated[list[GivenAnswer], Meta(max_length=MAX_ANSWERS)] = msgspec.field(
        default_factory=list
    )
    """What was answered."""

    age_ms: Age = 0.0
    """How long ago the page was first shown."""

    attempt: Count = 1
    """How often the participant has wanted to go on from this page, this time included."""

    declines: bool = False
    """Whether they do not consent, and leave the study."""

    device: DeviceReport | None = None
    """What a `device_check` page has found out."""

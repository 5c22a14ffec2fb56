"""Takes what pages say they could not load, or could not reach but by a plain request.

The one thing that a page tells by HTTP, as it may have come no further.
"""

from typing import Annotated

import msgspec
from flask import Flask, Response, request

from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.participants.load_failures import Resource

MAX_BYTES = 20_000
"""Longer reports are not read."""


class LoadFailure(msgspec.Struct, frozen=True):
    """A report."""

    token: Annotated[str, msgspec.Meta(max_length=16_000)]
    """Whose page it is."""

    resource: Resource
    """What is missing."""

    reason: Annotated[str, msgspec.Meta(max_length=500)]
    """Why, as far as the page knows."""


def register(app: Flask, experiment: RunningExperiment) -> None:
    """Add the route to *app*."""

    def load_failures() -> Response:
        request.max_content_length = MAX_BYTES
        try:
            failure = msgspec.json.decode(request.get_data(cache=False), type=LoadFailure)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return Response(status=400)
        known = experiment.note_load_failure(failure.token, failure.resource, failure.reason)
        return Response(status=204 if known else 403)

    app.add_url_rule("/load_failures", "load_failures", load_failures, methods=["POST"])

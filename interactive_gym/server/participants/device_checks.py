"""Takes what pages say of participants' devices: has it judged, and keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from interactive_gym.scenes.device_check import DeviceCheck
from interactive_gym.server.messages.device import DeviceReport
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.participants.screening import screen
from interactive_gym.server.participants.server_rtt import ServerRttMeter


class DeviceChecks:
    """The device checks of one experiment.

    Args:
        server_rtt: measures participants' server RTT.
        write: appends a line about a participant; `DataStore.log_participant`.
    """

    def __init__(self, server_rtt: ServerRttMeter, write: Callable[..., None]) -> None:
        self._server_rtt = server_rtt
        self._write = write

    def take(
        self, participant: Participant, scene: DeviceCheck, device: DeviceReport | None
    ) -> dict[str, Any] | None:
        """Judge a participant's device; their `exclusion_message` says what has come of it.

        Returns:
            What the page is answered that has to ask again; None if the device was judged.
        """
        subject_id, rules = participant.subject_id, scene.rules
        if device is None:
            return {"faults": {"": "the device was not checked"}}
        missing = rules.min_rtt_measurements - self._server_rtt.count(subject_id)
        if rules.max_server_rtt_ms is not None and missing > 0:
            if participant.sid is not None:
                self._server_rtt.measure(subject_id, participant.sid, in_a_row=missing)
            return {"measuring": True}
        link = participant.link
        seen = screen(
            scene,
            device,
            self._server_rtt.minimum_ms(subject_id),
            {"study_id": link.study_id, "parameters": dict(link.parameters)},
        )
        participant.exclusion_message = seen.message
        self._write(
            "device_checked",
            subject_id,
            scene_id=scene.scene_id,
            reason=seen.reasons[0] if seen.reasons else None,
            reasons=seen.reasons,
            message=seen.message,
            figures=seen.figures,
        )
        return None

from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.participants.participant_log import ParticipantLog


class Nobody:
    def emit(self, *args, **kwargs):
        raise AssertionError("nobody is told")


def test_lines_name_the_scene_and_are_written_once_the_transaction_is_over():
    written = []
    outbox = Outbox(Nobody(), lambda: 0.0)
    log = ParticipantLog(
        "game",
        outbox,
        lambda event, subject_id, **fields: written.append((event, subject_id, fields)),
    )
    with outbox.transaction():
        log.note("waitroom_ended", "ann", reason="idle")
        assert written == []
    assert written == [("waitroom_ended", "ann", {"scene_id": "game", "reason": "idle"})]

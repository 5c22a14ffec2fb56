"""The keys that let a page upload to a recorder."""

import pytest
from itsdangerous import URLSafeSerializer

from interactive_gym.server.recording.upload_keys import UploadKeys, upload_secret

KEYS = UploadKeys(upload_secret("a" * 64), "pilot")


def test_a_key_tells_the_seat_that_it_was_made_for():
    assert KEYS.seat_of(KEYS.key_for("game-1", 1)) == ("game-1", 1)


@pytest.mark.parametrize("key", [None, 7, "", "x.y", ["game-1", 0], {"key": "x"}])
def test_what_is_no_key_is_nobodys(key):
    assert KEYS.seat_of(key) is None


def test_keys_of_other_experiments_and_other_servers_are_not_genuine():
    for others in (UploadKeys(upload_secret("a" * 64), "other"), UploadKeys("a" * 64, "pilot")):
        assert KEYS.seat_of(others.key_for("game-1", 1)) is None


def test_a_signed_text_of_another_form_is_no_key():
    serializer = URLSafeSerializer(upload_secret("a" * 64), salt="uploads of pilot")
    for content in ({"game_id": "game-1"}, ["game-1"], ["game-1", "1"], "game-1", 3):
        assert KEYS.seat_of(serializer.dumps(content)) is None

"""The keys by which a recorder knows whose frames come: each is signed for one seat of one game."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer


class GameSeat(NamedTuple):
    """A seat of a game."""

    game_id: str
    seat: int


def upload_secret(signing_key: str) -> str:
    """What keys are signed with. Whoever knows it cannot make participants' tokens.

    Args:
        signing_key: the key that participants' tokens are signed with.
    """
    return hmac.new(signing_key.encode(), b"uploads", hashlib.sha256).hexdigest()


class UploadKeys:
    """Makes keys, and reads them.

    Args:
        secret: what they are signed with.
        experiment_id: keys of other experiments are not genuine.
    """

    def __init__(self, secret: str, experiment_id: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt=f"uploads of {experiment_id}")

    def key_for(self, game_id: str, seat: int) -> str:
        """The key of a seat."""
        return str(self._serializer.dumps([game_id, seat]))

    def seat_of(self, key: object) -> GameSeat | None:
        """Whose key this is; `None` if it is not genuine."""
        if not isinstance(key, str):
            return None
        try:
            return msgspec.convert(self._serializer.loads(key), GameSeat)
        except (BadSignature, ValueError):
            return None

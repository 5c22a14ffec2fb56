"""Floods a server over one socket at a time, from a process of its own.

Run as ``python -m tests.support.flood KIND PORT TOKEN``. It writes a line when it begins, and one
with the close code and the reason whenever it is disconnected; then it connects again, until it is
terminated.
"""

import itertools
import json
import subprocess
import sys
import uuid

from websockets.frames import Opcode

from tests.support.raw_client import RawClient, frame_bytes
from tests.support.served_experiment import bootstrap_of

TEXTS = {
    "no-ops of Engine.IO": ["6"],
    "pings of Engine.IO": ["2"],
    "events without a name": ["42[]", "42", '42["",{}]'],
    "texts that are no packets": ["x", "4", "4[1]", "b4"],
    "malformed payloads": ['42["game_frames",{"rows":5}]', '42["join_game",null]'],
    "sound events": ['42["join_game",{"scene_id":"game"}]'],
    "large messages": [f'42["game_frames",{{"rows":{json.dumps(["x" * 4000] * 225)}}}]'],
    "large messages of many parts": ['42["game_frames",' + "[" + "[]," * 300_000 + "[]]]"],
}
"""By the name of a flood, the texts that are sent over and over."""

FRAMES = {
    "pings of WebSocket": [frame_bytes(b"x", Opcode.PING)],
    "endless fragments": [
        frame_bytes("42", fin=False),
        *[frame_bytes("", Opcode.CONT, fin=False)] * 99,
    ],
    "frames that are none": [b"\xff\x00\xff\xff" * 100],
}
"""By the name of a flood, the bytes that are sent over and over, from the second on if more than
one."""

KINDS = [*TEXTS, *FRAMES]


class Flood:
    """A flood of one kind, from a process of its own; used as a context manager."""

    def __init__(self, served, kind):
        command = [sys.executable, "-m", "tests.support.flood"]
        self.recruitment_id = uuid.uuid4().hex
        page = served.get(f"/?PROLIFIC_PID={self.recruitment_id}").read().decode()
        command += [kind, str(served.port), bootstrap_of(page)["token"]]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        assert self._process.stdout.readline() == "begun\n"
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def next_end(self):
        """Wait until the flood is disconnected again; returns the close code and the reason."""
        return json.loads(self._process.stdout.readline())


def main(kind, port, token):
    if kind in TEXTS:
        first, pieces = b"", [frame_bytes(text) for text in TEXTS[kind]]
    else:
        first, *pieces = FRAMES[kind]
        pieces = pieces or [first]
    copies = max(1, 65536 // sum(map(len, pieces)))
    data = b"".join(pieces) * copies
    for round_ in itertools.count():
        client = RawClient(int(port))
        try:
            client.sign_in(token)
            client.send_raw(first)
            if round_ == 0:
                print("begun", flush=True)
            while client.send_raw(data):
                pass
            end = client.wait_for_end()
        except (AssertionError, OSError):
            end = client.close_reason
        client.close()
        print(json.dumps(end), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

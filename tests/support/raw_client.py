"""A client that speaks Engine.IO and Socket.IO over a bare TCP socket, well or badly."""

import itertools
import json
import socket
import time
import uuid

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from tests.support.served_experiment import DEADLINE_S, bootstrap_of

PATH = "/socket.io/?EIO=4&transport=websocket"


def new_token(served) -> str:
    """A token as a page gets it."""
    return bootstrap_of(served.get("/").read().decode())["token"]


def frame_bytes(content, opcode=Opcode.TEXT, *, fin=True) -> bytes:
    """A frame as a browser sends it, uncompressed."""
    data = content.encode() if isinstance(content, str) else content
    return Frame(opcode, data, fin).serialize(mask=True)


class RawClient:
    """One WebSocket of Engine.IO's."""

    def __init__(self, port, *, compressed=False, below=""):
        """Connect, to what is served *below* a path."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
        extensions = [ClientPerMessageDeflateFactory()] if compressed else None
        uri = parse_uri(f"ws://127.0.0.1:{port}{below}{PATH}")
        self._protocol = ClientProtocol(uri, extensions=extensions, max_size=None)
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        self._numbers = itertools.count(1)
        self._messages = []
        while self._protocol.state.name == "CONNECTING":
            if not self._receive() or self._protocol.handshake_exc is not None:
                self.close()
                raise ConnectionError(f"no handshake: {self._protocol.handshake_exc!r}")
        assert self.wait_for("0")

    def sign_in(self, token, **more):
        """Stand for the participant of a token; returns the Socket.IO server's answer."""
        self.send("40" + json.dumps({"token": token, "page_id": uuid.uuid4().hex, **more}))
        return self.wait_for(("40", "44"))

    def send(self, text):
        """Send a message of Engine.IO's."""
        self._protocol.send_text(text.encode())
        self._flush()

    def send_event(self, *event):
        self.send("42" + json.dumps(event))

    def call(self, *event):
        """Send an event and return what it is acknowledged with."""
        number = next(self._numbers)
        self.send(f"42{number}{json.dumps(event)}")
        return json.loads(self.wait_for(f"43{number}[")[len(f"43{number}") :])

    def send_raw(self, data):
        """Send bytes, whatever they are; returns whether the server still takes any."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def wait_for(self, prefix):
        """Return the next message that begins so, or so; others are kept."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            for message in self._messages:
                if message.startswith(prefix):
                    self._messages.remove(message)
                    return message
            assert self._receive(), f"closed before {prefix}: {self.close_reason}"
        raise AssertionError(f"no {prefix} but {self._messages}")

    def wait_for_end(self):
        """Wait until the server has closed the connection; returns the code and the reason."""
        deadline = time.monotonic() + DEADLINE_S
        while self._receive():
            self._messages.clear()
            assert time.monotonic() < deadline, "the connection is still open"
        return self.close_reason

    @property
    def close_reason(self):
        close = self._protocol.close_rcvd
        return None if close is None else (int(close.code), close.reason)

    def close(self):
        self.socket.close()

    def _receive(self):
        try:
            data = self.socket.recv(65536)
        except OSError:
            return False
        if not data:
            return False
        self._protocol.receive_data(data)
        self._flush()
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                text = bytes(event.data).decode()
                if text == "2":
                    self.send("3")
                else:
                    self._messages.append(text)
        return True

    def _flush(self):
        for data in self._protocol.data_to_send():
            if data:
                self.send_raw(data)

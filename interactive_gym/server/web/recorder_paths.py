"""What is answered at the addresses of recorders while these cannot answer themselves."""

from flask import Flask

PATH = "/recorder/<int:number>/socket.io/"
"""Where pages connect to a recorder; requests that arrive here were not handed over to it."""


def register(app: Flask) -> None:
    """Register the route."""

    def unavailable(number: int) -> tuple[str, int]:
        return f"Recorder {number} takes no connections at the moment.", 503

    # A rule is for WebSockets or for none.
    for is_websocket in (False, True):
        app.add_url_rule(PATH, "recorder", unavailable, websocket=is_websocket)

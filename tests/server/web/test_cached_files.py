import gzip
from pathlib import Path

import pytest
from flask import Flask

from interactive_gym.server.web import cached_files, static_files
from interactive_gym.server.web.cached_files import CachedFiles
from interactive_gym.server.web.static_files import FOLDER

OWN = ["js/main.js", "css/style.css"]
WASM = "vendor/pyodide/pyodide.asm.wasm"
GZIPPED = [*OWN, WASM, "vendor/pyodide/pyodide-lock.json", "favicon.svg"]
AS_IT_IS = "vendor/pyodide/python_stdlib.zip"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".zip": "application/zip",
}
LEFT = "left to the application behind"


@pytest.fixture
def client():
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/static/<path:name>", "rest", lambda name: LEFT, methods=["GET", "POST"])
    app.wsgi_app = CachedFiles(app.wsgi_app)
    return app.test_client()


def get(client, name, accepted="gzip, deflate, br", **headers):
    return client.get(f"/static/{name}", headers={"Accept-Encoding": accepted, **headers})


@pytest.mark.parametrize("name", GZIPPED)
def test_a_browser_that_takes_gzip_gets_the_content_gzipped(client, name):
    answer = get(client, name)
    content = (FOLDER / name).read_bytes()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == content
    assert int(answer.headers["Content-Length"]) == len(answer.data) < 0.7 * len(content)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.mimetype == TYPES[Path(name).suffix]
    head = client.head(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]


def test_a_file_that_gzip_makes_hardly_smaller_goes_as_it_is(client):
    answer = get(client, AS_IT_IS)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (FOLDER / AS_IT_IS).read_bytes()
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.mimetype == "application/zip"


def test_nothing_large_is_compressed_while_people_play(client, tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    (tmp_path / "large.js").write_bytes(b" " * (cached_files.SMALL_BYTES + 1))
    assert "Content-Encoding" not in get(client, "large.js").headers


def test_a_large_file_is_handed_over_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    content = bytes(range(256)) * 3000
    (tmp_path / "large.wasm").write_bytes(content)
    asked = {"PATH_INFO": "/static/large.wasm", "REQUEST_METHOD": "GET"}
    parts = list(CachedFiles(None)({**asked, "HTTP_ACCEPT_ENCODING": "gzip"}, lambda *_: None))
    assert b"".join(parts) == content
    assert max(map(len, parts)) == cached_files.CHUNK_BYTES


@pytest.mark.parametrize("name", OWN)
def test_a_browser_that_has_the_version_gets_nothing(client, name):
    known = get(client, name).headers["ETag"]
    again = get(client, name, **{"If-None-Match": known})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", known)
    assert get(client, name, **{"If-None-Match": '"other"'}).status_code == 200


def test_a_file_that_was_changed_is_sent_anew(client, tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    (tmp_path / "own.js").write_text("first")
    first = get(client, "own.js")
    (tmp_path / "own.js").write_text("the second")
    second = get(client, "own.js", **{"If-None-Match": first.headers["ETag"]})
    assert [gzip.decompress(answer.data) for answer in (first, second)] == [b"first", b"the second"]


def test_each_version_is_compressed_once(client, tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    (tmp_path / "own.js").write_text("own")
    times = []
    compress = gzip.compress
    monkeypatch.setattr(gzip, "compress", lambda *a, **k: times.append(1) or compress(*a, **k))
    for _ in range(3):
        get(client, "own.js")
    assert len(times) == 1


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        *((OWN[0], accepted) for accepted in ("", "br", "gzip;q=0", "identity")),
        ("nothing.js", "gzip"),
        ("README.md", "gzip"),
        ("x" * 300 + ".js", "gzip"),
        ("%00.js", "gzip"),
        ("../web/pages.js", "gzip"),
        ("js", "gzip"),
    ],
)
def test_everything_else_is_left_to_the_application(client, name, accepted):
    assert get(client, name, accepted).get_data(as_text=True) == LEFT


def test_only_reading_is_served(client):
    answer = client.post("/static/js/main.js", headers={"Accept-Encoding": "gzip"})
    assert answer.get_data(as_text=True) == LEFT


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_a_file_whose_address_names_a_version_is_kept_for_ever(client, accepted):
    lasting = get(client, f"@1.2/{WASM}", accepted)
    if accepted == "gzip":
        assert lasting.headers["Cache-Control"] == static_files.LASTING
        assert lasting.data == get(client, WASM).data
    else:
        assert lasting.text == LEFT
    assert get(client, f"js/@1.2/{WASM}").text == LEFT

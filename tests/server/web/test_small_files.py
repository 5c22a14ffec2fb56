import gzip

import pytest
from flask import Flask

from interactive_gym.server.web import static_files
from interactive_gym.server.web.small_files import SmallFiles
from interactive_gym.server.web.static_files import FOLDER

OWN = ["js/main.js", "css/style.css"]
LEFT = "left to the application behind"


@pytest.fixture
def client():
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/static/<path:name>", "rest", lambda name: LEFT, methods=["GET", "POST"])
    app.wsgi_app = SmallFiles(app.wsgi_app)
    return app.test_client()


def get(client, name, accepted="gzip, deflate, br", **headers):
    return client.get(f"/static/{name}", headers={"Accept-Encoding": accepted, **headers})


@pytest.mark.parametrize("name", OWN)
def test_a_browser_that_takes_gzip_gets_the_content_gzipped(client, name):
    answer = get(client, name)
    content = (FOLDER / name).read_bytes()
    assert gzip.decompress(answer.data) == content
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(content)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.mimetype == {"js": "text/javascript", "css": "text/css"}[name.split("/")[0]]
    head = client.head(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.data) == (200, b"")


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
        ("vendor/pyodide/python_stdlib.zip", "gzip"),
        ("nothing.js", "gzip"),
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

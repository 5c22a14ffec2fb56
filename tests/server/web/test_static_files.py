import gzip
import mimetypes
from pathlib import Path

import pytest
from flask import Flask

from interactive_gym.server.web import static_files
from interactive_gym.server.web.static_files import FOLDER

WASM = "vendor/pyodide/pyodide.asm.wasm"
OWN = "js/main.js"
GZIPPED = [WASM, "vendor/socket.io-client/socket.io.esm.min.js", OWN, "css/style.css"]
AS_IT_IS = "vendor/pyodide/python_stdlib.zip"
VENDORED = sorted(
    path for path in (FOLDER / "vendor").rglob("*") if path.suffix in (".mjs", ".js", ".wasm")
)


@pytest.fixture
def client():
    app = Flask(static_files.__name__, static_folder=None)
    static_files.register(app)
    return app.test_client()


def get(client, name, accepted="gzip, deflate, br", **headers):
    headers |= {"Accept-Encoding": accepted} if accepted is not None else {}
    return client.get(f"/static/{name}", headers=headers, follow_redirects=True, buffered=True)


@pytest.mark.parametrize("name", GZIPPED)
def test_a_browser_that_takes_gzip_gets_the_same_content_in_fewer_bytes(client, name):
    answer = get(client, name)
    content = (FOLDER / name).read_bytes()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == content
    assert int(answer.headers["Content-Length"]) == len(answer.data) < 0.7 * len(content)
    assert answer.mimetype == mimetypes.guess_type(name)[0]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", [None, "", "br", "gzip;q=0", "identity"])
@pytest.mark.parametrize("name", GZIPPED)
def test_another_client_gets_the_file_as_it_is(client, name, accepted):
    answer = get(client, name, accepted)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (FOLDER / name).read_bytes()
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_file_that_gzip_makes_hardly_smaller_goes_as_it_is(client):
    answer = get(client, AS_IT_IS)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (FOLDER / AS_IT_IS).read_bytes()


@pytest.mark.parametrize("name", GZIPPED)
def test_each_form_has_its_own_etag_by_which_it_is_not_sent_again(client, name):
    tags = {accepted: get(client, name, accepted).headers["ETag"] for accepted in ("gzip", "br")}
    assert tags["gzip"] != tags["br"]
    for accepted in tags:
        for known in tags:
            again = get(client, name, accepted, **{"If-None-Match": tags[known]})
            assert again.status_code == (304 if known == accepted else 200)
            assert bool(again.data) == (known != accepted)
            assert again.headers["Vary"] == "Accept-Encoding"


def test_a_module_that_was_changed_is_sent_anew(client, tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    (tmp_path / "own.js").write_text("first")
    first = get(client, "own.js")
    (tmp_path / "own.js").write_text("the second")
    second = get(client, "own.js", **{"If-None-Match": first.headers["ETag"]})
    assert [gzip.decompress(answer.data) for answer in (first, second)] == [b"first", b"the second"]


def test_nothing_large_is_compressed_while_people_play(client, tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    (tmp_path / "large.js").write_bytes(b" " * (static_files.SMALL_BYTES + 1))
    assert "Content-Encoding" not in get(client, "large.js").headers


@pytest.mark.parametrize("accepted", ["gzip", None])
@pytest.mark.parametrize(
    "name",
    [
        *("../app.py", "..%2fapp.py", "%2e%2e/app.py", "js/../../app.py", "/etc/passwd"),
        *("%2fetc%2fpasswd", "js", "js/", "nothing.js", "js/%00.js", "..", "../static.css"),
        *(".", "%2e", "js/..", "js/%2e%2e", "js/%2e%2e/"),
    ],
)
def test_nothing_outside_the_folder_is_served(client, tmp_path, monkeypatch, name, accepted):
    folder = tmp_path / "static"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "own.js").write_text("own")
    for outside in ("app.py", "app.py.gz", "static.css", "js.gz", "static.gz"):
        (tmp_path / outside).write_text("secret")
    monkeypatch.setattr(static_files, "FOLDER", folder)
    assert get(client, "js/own.js", accepted).status_code == 200
    assert get(client, name, accepted).status_code == 404


@pytest.mark.parametrize("path", VENDORED, ids=lambda path: path.name)
def test_the_package_holds_a_reproducible_gzipped_copy_of_every_vendored_program(path):
    copy = Path(f"{path}.gz").read_bytes()
    assert gzip.decompress(copy) == path.read_bytes()
    assert copy[4:8] == bytes(4), "the time of the build is in the copy"

import gzip
import hashlib
import json
from pathlib import Path

import pytest
from flask import Flask

from interactive_gym.server.web import static_files
from interactive_gym.server.web.cached_files import CachedFiles
from interactive_gym.server.web.static_files import FOLDER, folder_of_scripts

WASM = "vendor/pyodide/pyodide.asm.wasm"
OWN = "js/main.js"
FILES = [WASM, "vendor/socket.io-client/socket.io.esm.min.js", OWN, "css/style.css"]
VENDORED = sorted(
    path
    for path in (FOLDER / "vendor").rglob("*")
    if path.suffix in (".mjs", ".js", ".wasm") and path.stat().st_size > 1000
)


@pytest.fixture
def client():
    app = Flask(static_files.__name__, static_folder=None)
    static_files.register(app)
    return app.test_client()


def get(client, name, accepted="gzip, deflate, br", **headers):
    headers |= {"Accept-Encoding": accepted} if accepted is not None else {}
    return client.get(f"/static/{name}", headers=headers, follow_redirects=True, buffered=True)


@pytest.mark.parametrize("accepted", [None, "", "br", "gzip;q=0", "identity"])
@pytest.mark.parametrize("name", FILES)
def test_another_client_gets_the_file_as_it_is(client, name, accepted):
    answer = get(client, name, accepted)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (FOLDER / name).read_bytes()
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", FILES)
def test_the_forms_have_etags_of_their_own_by_which_they_are_not_sent_again(client, name):
    forms = {"gzip": CachedFiles(client.application.wsgi_app), "br": client.application.wsgi_app}
    tags = {}
    for accepted, form in forms.items():
        client.application.wsgi_app = form
        tags[accepted] = get(client, name, accepted).headers["ETag"]
    assert tags["gzip"] != tags["br"]
    for accepted, form in forms.items():
        client.application.wsgi_app = form
        for known in tags:
            again = get(client, name, accepted, **{"If-None-Match": tags[known]})
            assert again.status_code == (304 if known == accepted else 200)
            assert bool(again.data) == (known != accepted)
            assert again.headers["Vary"] == "Accept-Encoding"


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


def bundle_of(folder, **modules):
    """Static files whose bundles are those of their modules."""
    (folder / "js/view").mkdir(parents=True)
    (folder / "vendor/page").mkdir(parents=True)
    digests = {}
    for path, text in modules.items():
        (folder / "js" / path).write_text(text)
        digests[path] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "vendor/page/sources.json").write_text(json.dumps(digests))
    return folder


def test_bundles_are_loaded_unless_a_module_has_changed(tmp_path):
    modules = {"main.js": "1;", "view/canvas.js": "2;"}
    folder = bundle_of(tmp_path, **modules)
    assert folder_of_scripts(folder) == "vendor/page"
    (folder / "js/view/canvas.js").write_text("3;")
    assert folder_of_scripts(folder) == "js"
    (folder / "js/view/canvas.js").write_text("2;")
    (folder / "js/view/new.js").write_text("4;")
    assert folder_of_scripts(folder) == "js"
    (folder / "js/view/new.js").unlink()
    assert folder_of_scripts(folder) == "vendor/page"
    (folder / "js/main.js").unlink()
    assert folder_of_scripts(folder) == "js"


def test_modules_are_loaded_where_nothing_is_bundled(tmp_path):
    assert folder_of_scripts(tmp_path) == "js"


@pytest.mark.parametrize("path", VENDORED, ids=lambda path: path.name)
def test_the_package_holds_a_reproducible_gzipped_copy_of_every_vendored_program(path):
    copy = Path(f"{path}.gz").read_bytes()
    assert gzip.decompress(copy) == path.read_bytes()
    assert copy[4:8] == bytes(4), "the time of the build is in the copy"


def test_a_file_whose_address_names_a_version_is_kept_for_ever(client):
    answer = get(client, f"@1.2/{WASM}", "identity")
    assert answer.data == (FOLDER / WASM).read_bytes()
    assert answer.headers["Cache-Control"] == static_files.LASTING
    assert get(client, WASM, "identity").headers["Cache-Control"] == "no-cache"
    for name in ("@1.2", "@1.2/", f"@/{WASM}", f"@1.2/@1.2/{WASM}"):
        assert get(client, name, "identity").status_code == 404

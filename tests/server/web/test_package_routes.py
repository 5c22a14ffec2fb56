from pathlib import Path

from flask import Flask

from interactive_gym.packages.cache import in_order
from interactive_gym.server.web import package_routes
from tests.support.wheels import make_wheel


def test_only_the_wheels_of_the_scenes_are_given_out_and_may_be_kept(tmp_path: Path):
    served = make_wheel(tmp_path, "served")
    make_wheel(tmp_path, "other")
    app = Flask(__name__)
    (package,) = in_order([served])
    package_routes.register(app, [package])
    client = app.test_client()
    answer = client.get(package.url, buffered=True)
    assert answer.data == served.read_bytes()
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for url in (
        package.url.replace("served", "other"),
        package.url.replace(package.sha256, "0" * 64),
        f"/packages/{package.sha256}/..%2f{served.name}",
    ):
        assert client.get(url).status_code == 404

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from interactive_gym.server.web.base_path import MAX_LOGGED_PATHS, BasePath, WrongPaths


@Request.application
def echo(request: Request) -> Response:
    return Response(f"{request.environ['SCRIPT_NAME']}|{request.path}")


@pytest.mark.parametrize(
    ("base_path", "asked", "seen"),
    [
        ("/", "/static/a.js", "|/static/a.js"),
        ("/study1/", "/study1/static/a.js", "/study1|/static/a.js"),
        ("/study1/", "/static/a.js", "|/static/a.js"),
        ("/study1/", "/study1/", "/study1|/"),
        ("/study1/", "/study11/", "|/study11/"),
        ("/lab/study1/", "/lab/study1/study1/", "/lab/study1|/study1/"),
    ],
)
def test_the_base_path_is_taken_away_where_a_proxy_has_left_it(base_path, asked, seen):
    assert Client(BasePath(echo, base_path)).get(asked).text == seen


def test_without_its_last_slash_the_path_leads_to_the_page_with_the_recruitment_id():
    answer = Client(BasePath(echo, "/study1/")).get("/study1?PROLIFIC_PID=a&x=%0d%0a")
    assert answer.status_code == 307
    assert answer.headers["Location"] == "/study1/?PROLIFIC_PID=a&x=%0d%0a"


@pytest.mark.parametrize("path", ["/a/", "/a/b/socket.io/", "/a/static/js/main.js", "/a/health"])
def test_a_path_that_only_lacks_the_option_is_explained_once(caplog, path):
    wrong = WrongPaths()
    for _ in range(3):
        wrong.note(path)
    (line,) = caplog.messages
    base = path[: 4 if path.startswith("/a/b") else 2]
    assert path in line and f"hosting(base_path='{base}')" in line


@pytest.mark.parametrize(
    "path",
    ["/favicon.ico", "/a", "/static/none.js", "/socket.io/x", "/a\n/health", "//health", "/"],
)
def test_other_paths_are_not(caplog, path):
    WrongPaths().note(path)
    assert caplog.messages == []


def test_made_up_paths_do_not_fill_the_log(caplog):
    wrong = WrongPaths()
    for number in range(100):
        wrong.note(f"/{number}/health")
    assert len(caplog.messages) == MAX_LOGGED_PATHS

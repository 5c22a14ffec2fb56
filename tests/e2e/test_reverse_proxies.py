"""Experiments behind a real nginx, as the docs configure it and as people do who forget half."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.e2e.browser import Participant
from tests.support.e2e.middlebox import Middlebox, Treatment
from tests.support.e2e.nginx import Nginx, documented, nginx_problem
from tests.support.e2e.product import Product, experiment

pytestmark = pytest.mark.e2e

FORGETFUL = """
server {
    listen 443 ssl;
    server_name study.example.org;
    ssl_certificate own.crt;
    ssl_certificate_key own.key;

    location /study1/ {
        proxy_pass http://127.0.0.1:8001/;
    }
}
"""
"""What one writes who has read nothing: neither scheme nor Host is passed on, and no upgrade."""

PATH_LEFT_IN_PLACE = """
server {
    listen 80;
    location /lab/study1 {
        proxy_pass http://127.0.0.1:8001;
    }
}
"""
"""Without a path of its own, ``proxy_pass`` leaves that of the request in place."""

SWALLOWED_UPGRADE = """
server {
    listen 80;
    location / {
        proxy_pass http://127.0.0.1:8001;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
    }
}
"""


@pytest.fixture(autouse=True)
def _needs_nginx() -> None:
    if problem := nginx_problem():
        pytest.skip(problem)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """An experiment that knows nothing of a proxy."""
    with experiment("hosted.py", tmp_path, experiment_id="one") as served:
        yield served


@pytest.fixture
def people(browser: Browser) -> Iterator[list[Participant]]:
    """Two people who do not mind who has signed a certificate."""
    two = [Participant(name, browser, ignore_https_errors=True) for name in ("Ann", "Ben")]
    yield two
    for person in two:
        person.page.context.close()


def port_of(product: Product) -> int:
    return int(product.url.rstrip("/").rsplit(":", 1)[1])


def play(
    people: Sequence[Participant], url: str, product: Product, *, has_ids: bool = True
) -> None:
    """Have both go from the first page to the last, and check what is left on disk."""
    for person in people:
        person.open(f"{url}?PROLIFIC_PID={person.name}" if has_ids else url)
        person.wait_for("document.querySelector('#asset')?.naturalWidth > 0")
        person.advance()
        person.join()
    for person in people:
        person.wait_for_phase("playing")
        person.hold("ArrowRight")
    for person in people:
        person.wait_for_phase("ended")
        assert "Thank you for playing" in person.text()
        assert "error" not in person.phases
    assert [game.match["agreed"] for game in product.games] == [True]


def sockets_of(person: Participant) -> list[str]:
    """Collect the addresses of a page's WebSockets."""
    opened: list[str] = []
    person.page.on("websocket", lambda socket: opened.append(socket.url))
    return opened


def test_two_studies_are_played_behind_one_nginx_as_the_docs_configure_it(
    people: list[Participant], product: Product, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "two"
    elsewhere.mkdir()
    with experiment("hosted.py", elsewhere, experiment_id="two") as other:
        ports = {8001: port_of(product), 8002: port_of(other)}
        with Nginx(tmp_path / "nginx", documented("nginx"), ports) as nginx:
            assert nginx.url.startswith("https:")
            opened = sockets_of(people[0])
            for study, served in (("study1", product), ("study2", other)):
                play(people, f"{nginx.url}{study}/", served, has_ids=False)
                assert opened[-1].startswith(f"wss{nginx.url[5:]}{study}/socket.io/")
            # Each study knows its own participants, in whichever order they come back.
            people[0].open(f"{nginx.url}study1/")
            people[0].wait_for_phase("ended")
            # A link without its last slash keeps the recruitment id.
            people[1].open(f"{nginx.url}study2?PROLIFIC_PID=abc")
            assert people[1].page.url == f"{nginx.url}study2/?PROLIFIC_PID=abc"


def test_a_study_is_played_behind_an_nginx_that_passes_on_neither_scheme_nor_host_nor_upgrade(
    people: list[Participant], product: Product, tmp_path: Path
) -> None:
    with Nginx(tmp_path / "nginx", FORGETFUL, {8001: port_of(product)}) as nginx:
        play(people, f"{nginx.url}study1/", product)


@pytest.mark.parametrize("slash", ["/", pytest.param("", marks=pytest.mark.sweep)])
def test_a_study_with_a_base_path_is_played_behind_an_nginx_that_leaves_the_path(
    people: list[Participant], tmp_path: Path, slash: str
) -> None:
    with experiment("hosted.py", tmp_path, base_path="/lab/study1") as product:
        ports = {8001: port_of(product)}
        with Nginx(tmp_path / "nginx", PATH_LEFT_IN_PLACE, ports) as nginx:
            play(people, f"{nginx.url}lab/study1{slash}", product)
            assert people[0].page.url == f"{nginx.url}lab/study1/?PROLIFIC_PID=Ann"


def test_where_the_base_path_was_forgotten_the_page_and_the_log_say_so(
    people: list[Participant], product: Product, tmp_path: Path
) -> None:
    with Nginx(tmp_path / "nginx", PATH_LEFT_IN_PLACE, {8001: port_of(product)}) as nginx:
        people[0].open(f"{nginx.url}lab/study1/")
        assert "ask the researcher" in people[0].text()
        assert "hosting(base_path='/lab/study1')" in product.output


def test_a_study_is_played_behind_an_nginx_whose_upgrades_hang(
    people: list[Participant], product: Product, tmp_path: Path
) -> None:
    with Middlebox(product.url) as box:
        box.treat("^websocket$", Treatment.SILENCE)
        port = int(box.url.rstrip("/").rsplit(":", 1)[1])
        with Nginx(tmp_path / "nginx", SWALLOWED_UPGRADE, {8001: port}) as nginx:
            play(people, nginx.url, product)
        assert "websocket" in box.seen


def test_pages_of_another_origin_than_those_allowed_say_that_they_cannot_connect(
    people: list[Participant], tmp_path: Path
) -> None:
    with experiment("hosted.py", tmp_path, allowed_origins="https://a.example") as product:
        ports = {8001: port_of(product)}
        with Nginx(tmp_path / "nginx", FORGETFUL, ports) as nginx:
            people[0].open(f"{nginx.url}study1/")
            people[0].wait_for_phase("error")
            assert "The study cannot be reached" in people[0].text()
            origin = nginx.url.rstrip("/")
            assert product.output.count(f"Refused a page of {origin}: allowed_origins") == 1
            product.wait_for(lambda served: "failed to load (connection)" in served.output)

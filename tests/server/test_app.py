import gzip
import hashlib
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import socketio

from interactive_gym.netcode.history import history_text
from interactive_gym.server import app
from interactive_gym.server.data.code_folder import read_code
from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from tests.support.browser_events import network
from tests.support.served_experiment import (
    DEADLINE_S,
    Page,
    ServedExperiment,
    bootstrap_of,
    new_client,
    serve_command,
)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    experiment = ServedExperiment(tmp_path_factory.mktemp("served"))
    yield experiment
    experiment.stop()


@pytest.fixture(scope="module")
def served_with_threshold(tmp_path_factory):
    experiment = ServedExperiment(tmp_path_factory.mktemp("threshold"), threshold_ms=150)
    yield experiment
    experiment.stop()


@pytest.fixture
def pages(served):
    """Opens pages and closes them after the test."""
    opened = []

    def open_page(experiment=served, **options):
        opened.append(Page(experiment, **options).connect())
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()


@pytest.fixture
def two_in_a_game(pages):
    players = [pages().into_waitroom(), pages().into_waitroom()]
    return [(player, player.wait_for("game_created")) for player in players]


def start(players):
    for page, created in players:
        page.send("game_ready", {"game_id": created["game_id"]})
    for page, created in players:
        assert page.wait_for("game_start")["game_id"] == created["game_id"]


def subject_ids(served):
    return [line["subject_id"] for line in served.participant_lines() if line["event"] == "started"]


def test_the_code_of_every_game_scene_is_kept_before_anybody_comes(tmp_path):
    served = ServedExperiment(tmp_path)
    try:
        kept = [place.name for place in (served.data / "code").iterdir()]
        assert len(kept) == 1
        assert read_code(served.data, kept[0]).digest == kept[0]
    finally:
        served.stop()


def test_importing_the_app_neither_starts_nor_patches_anything():
    check = (
        "import sys, socket, threading; plain = socket.socket\n"
        "from interactive_gym.server import app\n"
        "assert app.PROBE_COORDINATOR is None and socket.socket is plain\n"
        "assert threading.active_count() == 1 and 'eventlet' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


def test_the_page_names_no_other_host_and_is_never_kept(served):
    answer = served.get("/?PROLIFIC_PID=abc")
    page = answer.read().decode()
    assert re.findall(r"""(?:https?:)?//[a-z0-9]""", page) == []
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_answer_says_what_pages_may_do_and_none_may_frame_them(served):
    page = bootstrap_of(served.get("/").read().decode())
    handshake = "/socket.io/?EIO=4&transport=polling"
    for path in ("/", "/health", "/static/js/main.js", page["runtime_url"], handshake):
        headers = served.get(path).headers
        assert "script-src 'self' 'wasm-unsafe-eval';" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_no_script_stands_in_the_page(served):
    page = served.get("/?PROLIFIC_PID=abc").read().decode()
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) >= 3
    for attributes, content in scripts:
        assert 'type="application/json"' in attributes or ("src=" in attributes and not content)
    assert not re.findall(r"\son\w+\s*=|javascript:", page)


def test_a_recruitment_id_cannot_break_out_of_the_page(served):
    page = served.get("/?PROLIFIC_PID=%3C/script%3E%3Cscript%3Ealert(1)").read().decode()
    assert "alert(1)" not in page
    assert bootstrap_of(page)["experiment_id"] == "pilot"


def test_the_runtime_archive_may_be_kept_for_ever_and_an_old_one_is_not_served(served):
    address = bootstrap_of(served.get("/").read().decode())["runtime_url"]
    answer = served.get(address)
    assert answer.headers["Content-Type"] == "application/zip"
    assert "immutable" in answer.headers["Cache-Control"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        served.get("/runtime/" + "0" * 64 + ".zip")


@pytest.mark.parametrize(
    ("path", "mimetype"),
    [
        ("pyodide/pyodide.asm.wasm", "application/wasm"),
        ("pyodide/pyodide.mjs", "text/javascript"),
        ("pyodide/python_stdlib.zip", "application/zip"),
    ],
)
def test_vendored_files_have_their_type_and_are_asked_for_again(served, path, mimetype):
    answer = served.get(f"/static/vendor/{path}")
    assert answer.headers["Content-Type"].split(";")[0] == mimetype
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["ETag"]


def gzip_request(served, address):
    headers = {"Accept-Encoding": "gzip"}
    with urllib.request.urlopen(
        urllib.request.Request(served.address_of(address), headers=headers)
    ) as answer:
        return answer.headers, answer.read()


def test_what_a_first_visit_needs_most_comes_gzipped(served):
    runtime = bootstrap_of(served.get("/").read().decode())["runtime_url"]
    wasm = "/static/vendor/pyodide/pyodide.asm.wasm"
    for address, mimetype in ((wasm, "application/wasm"), (runtime, "application/zip")):
        headers, content = gzip_request(served, address)
        assert (headers["Content-Encoding"], headers["Content-Type"]) == ("gzip", mimetype)
        assert headers["Vary"] == "Accept-Encoding"
        plain = served.get(address)
        assert plain.headers["Content-Encoding"] is None
        assert gzip.decompress(content) == plain.read()
        assert len(content) == int(headers["Content-Length"])


@pytest.mark.parametrize("auth", [None, {}, {"token": "forged", "page_id": "p"}, "token", [1]])
def test_a_connection_without_a_token_of_this_server_is_refused(served, auth):
    client = new_client()
    reasons = []
    client.on("connect_error", reasons.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(served.url, auth=auth, transports=["websocket"], wait_timeout=DEADLINE_S)
    assert "invalid_token" in str(reasons)


@pytest.fixture(scope="module")
def served_elsewhere(tmp_path_factory):
    """Under a path of a proxy, for pages of two origins."""
    experiment = ServedExperiment(
        tmp_path_factory.mktemp("elsewhere"),
        hosting={"base_path": "/lab/study1", "allowed_origins": ALLOWED},
    )
    yield experiment
    experiment.stop()


ALLOWED = ["https://study.example.org", "http://lab.example.org:8080"]


def connect_from(served, origin, transport, path="socket.io"):
    """Connect as a page of *origin* does that has a token."""
    places = {"origin": origin, "host": "127.0.0.1:9"}
    client = new_client(websocket_extra_options=places)
    client.connect(
        served.url,
        auth={"token": Page(served).token, "page_id": "p"},
        headers=places if transport == "polling" else {},
        transports=[transport],
        socketio_path=path,
        wait_timeout=DEADLINE_S,
    )
    client.disconnect()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("origin", ["https://study.example.org", "http://elsewhere.example"])
def test_a_page_connects_whatever_a_proxy_says_of_scheme_and_host(served, transport, origin):
    connect_from(served, origin, transport)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize(
    "origin",
    ["http://study.example.org", "https://study.example.org:8080", "http://elsewhere.example"],
)
def test_pages_of_other_origins_than_the_allowed_ones_are_refused_with_one_line_each(
    served_elsewhere, transport, origin
):
    for allowed in ALLOWED:
        connect_from(served_elsewhere, allowed, transport)
    for _ in range(2):
        with pytest.raises(socketio.exceptions.ConnectionError):
            connect_from(served_elsewhere, origin, transport)
    assert served_elsewhere.log.count(f"Refused a page of {origin}: allowed_origins names") == 1
    assert "Only pages of https://study.example.org, http://lab" in served_elsewhere.log


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("base", ["", "/lab/study1"])
def test_an_experiment_under_a_path_answers_with_and_without_it(served_elsewhere, base, transport):
    page = served_elsewhere.get(f"{base}/").read().decode()
    bootstrap = bootstrap_of(page)
    addresses = re.findall(r'(?:src|href)="([^"]*static/[^"]*)"', page)
    assert len(addresses) >= 4
    assert all(address.startswith("/lab/study1/static/") for address in addresses)
    for address in (*addresses, f"{base}/{bootstrap['runtime_url']}", f"{base}/health"):
        assert served_elsewhere.get(address).status == 200
    path = f"{base}/socket.io".strip("/")
    connect_from(served_elsewhere, ALLOWED[0], transport, path)
    assert f":{served_elsewhere.port}/lab/study1/" in served_elsewhere.log


def test_without_a_path_of_its_own_a_page_works_under_any(served):
    page = served.get("/").read().decode()
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) >= 4
    assert not [each for each in addresses if each.startswith(("/", "http"))]
    assert not bootstrap_of(page)["runtime_url"].startswith("/")


def test_a_request_under_another_path_is_explained_in_the_log(served):
    for path in ("/other/", "/other/socket.io/", "/other/static/js/main.js", "/favicon.ico"):
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            served.get(path)
        assert "ask the researcher" in refused.value.read().decode()
    assert served.log.count("Nothing is served at") == 1
    assert "hosting(base_path='/other')" in served.log


def test_two_participants_go_from_the_start_page_into_one_game(two_in_a_game):
    (_, first), (_, second) = two_in_a_game
    assert first["game_id"] == second["game_id"]
    assert sorted([first["game"]["seat"], second["game"]["seat"]]) == [0, 1]
    assert first["game"]["agents"] == ["left", "right"]


def test_nobody_is_sent_anybodys_subject_id_or_recruitment_id(served, pages):
    before = len(subject_ids(served)) if served.data.joinpath("participants.jsonl").exists() else 0
    players = [pages(query=f"?PROLIFIC_PID=RECRUITED{number}") for number in range(2)]
    for player in players:
        player.into_waitroom()
    for player in players:
        player.wait_for("game_created")
    private = [*subject_ids(served)[before:], "RECRUITED"]
    assert len(private) == 3
    assert not [name for name in private if name in str([p.received for p in players])]


def test_recruitment_ids_are_kept_in_one_file_only(served, pages):
    players = [pages(query="?workerId=WORKER_IN_FILE"), pages(query="?participant_id=OTHER")]
    for player in players:
        player.into_waitroom()
    for player in players:
        player.wait_for("game_created")
    holders = [
        path.name
        for path in served.data.rglob("*")
        if path.is_file() and "WORKER_IN_FILE" in path.read_text()
    ]
    assert holders == ["recruitment.jsonl"]


def test_identity_comes_from_the_token_and_not_from_a_payload(served, pages):
    victim = pages()
    victim.wait_for_scene("start")
    attacker = pages()
    attacker.send("advance_scene", {"scene_id": "start", "subject_id": subject_ids(served)[-2]})
    attacker.wait_for_scene("game")
    victim.send("advance_scene", {"scene_id": "start"})
    assert victim.wait_for_scene("game")["index"] == 1


def test_the_end_shows_the_completion_code_that_is_stored(served, pages, two_in_a_game):
    (player, created), _ = two_in_a_game
    start(two_in_a_game)
    finished = {"game_id": created["game_id"], "reason": "engine_error", "frames": 0, "digest": ""}
    assert player.call("game_finished", finished) == {}
    player.wait_for("game_ended")
    player.send("advance_scene", {"scene_id": "game"})
    code = player.wait_for_scene("end")["scene"]["code"]
    assert code != "FINISHED"
    completed = [line for line in served.participant_lines() if line["event"] == "completed"]
    assert completed[-1]["completion_code"] == code
    reloaded = player.reload().connect()
    assert reloaded.wait_for_scene("end")["scene"]["code"] == code
    reloaded.close()


def test_a_scene_is_left_only_from_where_one_is_and_a_game_not_before_its_end(two_in_a_game):
    (player, _), _ = two_in_a_game
    for scene_id in ("start", "game", "end", "nowhere"):
        player.send("advance_scene", {"scene_id": scene_id})
    reloaded = player.reload().connect()
    assert reloaded.wait_for("scene")["index"] == 1
    reloaded.close()


def test_asking_twice_to_move_on_moves_on_once(pages):
    page = pages()
    for _ in range(3):
        page.send("advance_scene", {"scene_id": "start"})
    page.wait_for_scene("game")
    page.send("join_game", {"scene_id": "game"})
    page.wait_for("waitroom_update")
    assert [payload["index"] for event, payload in page.received if event == "scene"] == [0, 1]


def test_a_reload_is_the_same_participant_where_they_were(pages):
    page = pages()
    page.send("advance_scene", {"scene_id": "start"})
    page.wait_for_scene("game")
    page.close()
    again = pages(token=page.token)
    assert again.wait_for("scene")["index"] == 1


def test_a_second_page_with_one_token_replaces_the_first(pages):
    first = pages()
    first.wait_for_scene("start")
    second = pages(token=first.token, takes_over=True)
    second.wait_for_scene("start")
    assert first.wait_for("session_replaced") == {}
    first.wait_for("disconnected")
    second.send("advance_scene", {"scene_id": "start"})
    second.wait_for_scene("game")


@pytest.mark.parametrize("takes_over", [False, None, 1, "yes", {}])
def test_a_second_page_is_refused_unless_it_says_that_it_takes_over(pages, takes_over):
    first = pages()
    first.wait_for_scene("start")
    second = Page(first.served, token=first.token, takes_over=takes_over)
    assert second.refusal() == "open_elsewhere"
    first.send("advance_scene", {"scene_id": "start"})
    first.wait_for_scene("game")


def test_the_first_page_can_still_be_replaced_while_waiting(pages):
    first = pages().into_waitroom()
    first.wait_for("waitroom_update")
    second = pages(token=first.token, takes_over=True)
    second.wait_for_scene("game")
    second.send("join_game", {"scene_id": "game"})
    partner = pages().into_waitroom()
    created = [page.wait_for("game_created") for page in (second, partner)]
    assert created[0]["game_id"] == created[1]["game_id"]
    assert "game_created" not in str(first.received)


def test_the_same_page_coming_back_while_its_old_socket_lingers_is_not_told_to_stop(pages):
    first = pages()
    first.wait_for_scene("start")
    second = pages(token=first.token, page_id=first.page_id)
    second.wait_for_scene("start")
    first.wait_for("disconnected")
    assert "session_replaced" not in str(first.received)
    second.send("advance_scene", {"scene_id": "start"})
    second.wait_for_scene("game")


def test_a_reload_while_playing_leads_back_into_the_same_game(two_in_a_game, pages):
    (player, created), (partner, _) = two_in_a_game
    game_id = created["game_id"]
    start(two_in_a_game)
    player.close()
    again = pages(token=player.token)
    resumable = again.wait_for("game_resumable")
    assert resumable["game_id"] == game_id
    assert 15_000 < resumable["remaining_ms"] <= 60_000
    again.send("join_game", {"scene_id": "game"})
    recreated = again.wait_for("game_created")
    assert recreated["game"] == {**created["game"], "incarnation": 1}
    reloaded = partner.wait_for("game_peer_reloaded")
    assert reloaded["seat"] == created["game"]["seat"]
    again.send("game_ready", {"game_id": game_id})
    assert again.wait_for("game_start") == {"game_id": game_id, "countdown_ms": 0}


def test_all_who_reload_at_once_are_given_what_is_stored_of_the_game(two_in_a_game, pages):
    start(two_in_a_game)
    for page, _ in two_in_a_game:
        page.close()
    back = [(pages(token=page.token), created) for page, created in two_in_a_game]
    for page, created in back:
        assert page.wait_for("game_resumable")["game_id"] == created["game_id"]
    for page, created in back:
        page.send("join_game", {"scene_id": "game"})
        given = {"incarnation": 1, "history": history_text([])}
        assert page.wait_for("game_created")["game"] == {**created["game"], **given}


def test_a_participant_out_of_the_game_and_the_one_who_stays_are_both_led_on(two_in_a_game):
    (leaving, created), (staying, _) = two_in_a_game
    game = {"game_id": created["game_id"]}
    start(two_in_a_game)
    leaving.send("game_quit", {**game, "reason": "hidden"})
    assert leaving.wait_for("game_ended")["reason"] == "hidden"
    assert staying.wait_for("game_cut")["reason"] == "hidden"
    finished = {**game, "reason": "partner_lost", "frames": 0, "digest": ""}
    assert staying.call("game_finished", finished) == {}
    assert staying.wait_for("game_ended")["reason"] == "partner_lost"
    for page in (leaving, staying):
        page.send("advance_scene", {"scene_id": "game"})
        page.wait_for_scene("end")


def test_who_does_not_answer_in_the_waitroom_leaves_it_and_may_come_back(served, pages):
    page = pages().into_waitroom()
    page.wait_for("waitroom_update")
    page.send("leave_waitroom", {"scene_id": "game", "reason": "bored"})
    page.send("leave_waitroom", {"scene_id": "start", "reason": "idle"})
    page.send("leave_waitroom", {"scene_id": "game", "reason": "idle"})
    told = page.wait_for("waitroom_ended")
    assert (told["reason"], told["redirect_url"]) == ("idle", None)
    lines = [line for line in served.participant_lines() if line["event"] == "waitroom_ended"]
    assert lines[-1]["reason"] == "idle"
    page.send("join_game", {"scene_id": "game"})
    page.wait_for("waitroom_update")


def test_what_the_network_did_is_stored_beside_the_frames(served, two_in_a_game):
    (player, created), _ = two_in_a_game
    start(two_in_a_game)
    row = {"frame": 30, "rtt_ms": 41.5, "peer_seat": 1, "local_candidate_type": "relay"}
    player.send("game_network", {"game_id": created["game_id"], **network(row)})
    path = served.data / "game" / created["game_id"] / "network.csv"
    wait_until(path.exists)
    header, line = wait_until(lambda: lines if len(lines := path.read_text().split()) > 1 else None)
    stored = dict(zip(header.split(","), line.split(","), strict=True))
    assert {name: stored[name] for name in row} == {name: str(row[name]) for name in row}


def answer_probe(page, rtt_ms):
    """Take part in a probe as a browser does that measures *rtt_ms*; returns the probe's id."""
    probe = {"probe_session_id": page.wait_for("probe_prepare")["probe_session_id"]}
    page.send("probe_ready", probe)
    page.wait_for("probe_start")
    nothing = dict.fromkeys(("stats_rtt_ms", "local_candidate_type", "remote_candidate_type"))
    result = {"samples_ms": [rtt_ms] * 10, "lost": 0, "hidden": False, "reason": None}
    page.send("probe_result", {**probe, **nothing, **result})
    return probe["probe_session_id"]


def probe_both(players, rtt_ms):
    with ThreadPoolExecutor(2) as pool:
        probes = set(pool.map(lambda page: answer_probe(page, rtt_ms), players))
    (probe_session_id,) = probes
    return probe_session_id


def rows_of_frame(frame):
    return [f"{frame},0,{frame},{agent},0,false,0.0,false,false" for agent in ("left", "right")]


def test_two_participants_under_the_threshold_play_and_their_frames_are_stored_meanwhile(
    served_with_threshold, pages
):
    players = [pages(served_with_threshold).into_waitroom() for _ in range(2)]
    probe_session_id = probe_both(players, rtt_ms=80)
    created = [player.wait_for("game_created") for player in players]
    assert [each["peers"][0]["probe_session_id"] for each in created] == [probe_session_id] * 2
    start(list(zip(players, created, strict=True)))
    game_id = created[0]["game_id"]
    folder = served_with_threshold.data / "game" / game_id
    digest = hashlib.sha256(header_line(BASE_COLUMNS).encode())
    for frame in range(3):
        digest.update("".join(f"{row}\n" for row in rows_of_frame(frame)).encode())
        upload = {"game_id": game_id, "columns": list(BASE_COLUMNS), "first_frame": frame}
        upload |= {"rows": rows_of_frame(frame), "digest": digest.hexdigest()}
        for player in players:
            assert player.call("game_frames", upload) == {"next_frame": frame + 1}
        assert len((folder / "frames.csv").read_text().splitlines()) == 1 + 2 * (frame + 1)
    finished = {
        "game_id": game_id,
        "reason": "completed",
        "frames": 3,
        "digest": digest.hexdigest(),
    }
    for player in players:
        assert player.call("game_finished", finished) == {}
    for player in players:
        assert player.wait_for("game_ended")["reason"] == "completed"
    match = wait_until(lambda: closed_match(folder))
    assert match["agreed"] is True
    assert [seat["digest"] for seat in match["recordings"]] == [digest.hexdigest()] * 2
    assert match["frames"] == 3
    (edge,) = match["edges"]
    assert [side["samples_ms"] for side in edge["sides"]] == [[80.0] * 10] * 2


def test_two_participants_over_the_threshold_wait_on_and_a_nearer_third_plays_with_one(
    served_with_threshold, pages
):
    first = pages(served_with_threshold).into_waitroom()
    # Who waits longest is matched first, and the server may serve a later page earlier.
    first.wait_for("waitroom_update")
    second = pages(served_with_threshold).into_waitroom()
    probe_both([first, second], rtt_ms=200)
    for page in (first, second):
        assert page.wait_for("probe_close")["outcome"] == "rejected"
    third = pages(served_with_threshold).into_waitroom()
    probe_both([first, third], rtt_ms=20)
    assert first.wait_for("game_created")["game_id"] == third.wait_for("game_created")["game_id"]
    assert "game_created" not in str(second.received)


def test_a_participant_leaving_during_a_probe_frees_the_other(served_with_threshold, pages):
    leaving = pages(served_with_threshold).into_waitroom()
    staying = pages(served_with_threshold).into_waitroom()
    staying.wait_for("probe_prepare")
    leaving.close()
    assert staying.wait_for("probe_close")["outcome"] in ("failed", "cancelled")
    probe_both([staying, pages(served_with_threshold).into_waitroom()], rtt_ms=20)
    staying.wait_for("game_created")


def closed_match(folder):
    match = json.loads((folder / "match.json").read_text())
    return match if "ended_at" in match else None


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not (result := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return result


EVENTS = [
    *("advance_scene", "join_game", "leave_waitroom"),
    *("probe_ready", "probe_signal", "probe_result"),
    *("game_signal", "game_ready", "game_frames", "game_events", "game_finished"),
    *("game_resumed", "game_peer_lost", "game_quit", "game_network"),
]
JUNK = [
    (),
    (None,),
    ("text",),
    (7,),
    ([],),
    ({},),
    ({"scene_id": None, "game_id": 5, "probe_session_id": []},),
    ({"scene_id": "x" * 5000, "game_id": "x", "probe_session_id": "x"},),
    ({"scene_id": {"a": 1}}, {"more": "than one"}),
    ({"scene_id": "\ud800", "game_id": "\0", "probe_session_id": "'"},),
]


@pytest.mark.parametrize("event", EVENTS)
def test_malformed_payloads_harm_nobody(served, pages, two_in_a_game, event):
    (player, created), _ = two_in_a_game
    for payload in JUNK:
        player.send(event, *payload)
    player.send(event, {"game_id": created["game_id"]})
    for value in (None, -1, 1e400, "NaN", [], {}, [[1]], "x" * 10_000):
        everything = dict.fromkeys(
            ("to_seat", "signal", "first_frame", "rows", "columns", "digest", "kind", "seat"), value
        )
        more = dict.fromkeys(("frame", "detail", "reason", "frames", "samples_ms"), value)
        player.send(event, {"game_id": created["game_id"], **everything, **more})
    start(two_in_a_game)
    assert pages().wait_for("scene")["index"] == 0
    assert "Traceback" not in served.log


def test_a_taken_port_ends_the_second_server_with_one_sentence(served, tmp_path):
    second = subprocess.run(
        serve_command(served.port, tmp_path), capture_output=True, text=True, timeout=DEADLINE_S
    )
    assert second.returncode == 1
    last = second.stderr.strip().splitlines()[-1]
    assert last.startswith(f"port is {served.port}, which another program")
    assert "Traceback" not in second.stderr


def test_without_ice_servers_a_line_at_start_says_what_that_means(served):
    assert served.log.count("No ICE servers are configured") == 1


def test_addresses_and_recruitment_ids_are_not_logged(served):
    served.get("/?PROLIFIC_PID=NOT_LOGGED").read()
    assert "NOT_LOGGED" not in served.log
    assert served.log.count("127.0.0.1") == 0


def post_load_failure(served, token, **report):
    body = {"token": token, "resource": "page", "reason": "main.js is missing", **report}
    return urllib.request.urlopen(served.address_of("load_failures"), json.dumps(body).encode())


def test_what_a_page_could_not_load_is_in_the_data_and_once_in_the_log(served):
    page = Page(served, query="?PROLIFIC_PID=HAS_NO_SCRIPTS")
    for _ in range(3):
        assert post_load_failure(served, page.token).status == 204
    assert post_load_failure(served, page.token, resource="game").status == 204
    page.connect()
    lines = [line for line in served.participant_lines() if line["event"] == "load_failed"]
    assert [line["resource"] for line in lines] == ["page", "game"]
    (written,) = [
        line["subject_id"]
        for line in served.recruitment_lines()
        if line["recruitment_id"] == "HAS_NO_SCRIPTS"
    ]
    assert {line["subject_id"] for line in lines} == {written}
    assert served.log.count("failed to load (page): main.js is missing") == 1
    assert "HAS_NO_SCRIPTS" not in served.log
    page.close()


def test_nobody_without_a_token_writes_into_the_data(served):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        post_load_failure(served, "forged")


def test_an_incomplete_experiment_does_not_start():
    from interactive_gym.configurations.experiment_config import ExperimentConfig

    with pytest.raises(ValueError, match="experiment_id is missing"):
        app.create_app(ExperimentConfig())

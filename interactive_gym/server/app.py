"""The web application: puts the parts of an experiment together and serves it.

A process serves one experiment. Importing the module starts nothing and patches nothing.
"""

import contextlib
import errno
import functools
import logging
import secrets
import signal
import socket
import time
import uuid
import warnings
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask_socketio import SocketIO

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.packages.cache import PackageCache, resolve_packages
from interactive_gym.packages.runtime import build_runtime_bundle
from interactive_gym.scenes.way import Way
from interactive_gym.server.data.code_folder import keep_code
from interactive_gym.server.data.data_store import DataStore, NoDataStore
from interactive_gym.server.data.folder_lock import await_recorders, lock_folder
from interactive_gym.server.data.stored_study import (
    answer_lines,
    interrupted_games,
    participant_lines,
    recruitment_lines,
    unverified_games,
)
from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.game_manager import GameManager
from interactive_gym.server.games.late_games import LateGames
from interactive_gym.server.ledger.match_logger import open_ledger
from interactive_gym.server.participants.blocklist import Blocklist
from interactive_gym.server.participants.group_history import GroupHistory
from interactive_gym.server.participants.journal import groups_that_played, places
from interactive_gym.server.participants.recruited import recruited_by_subject
from interactive_gym.server.participants.registry import ParticipantRegistry
from interactive_gym.server.participants.server_rtt import ServerRttMeter
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.server.participants.signing_key import default_key_file, signing_key
from interactive_gym.server.probe_coordinator import ProbeCoordinator
from interactive_gym.server.probing.probe import ProbeSettings
from interactive_gym.server.transport.addresses import NewcomerLimit
from interactive_gym.server.transport.connections import Connections
from interactive_gym.server.transport.descriptors import raise_limit
from interactive_gym.server.transport.garbage import settle
from interactive_gym.server.transport.guards import (
    HEARTBEAT_INTERVAL_S,
    HEARTBEAT_TIMEOUT_S,
    SOCKET_IO_OPTIONS,
    guard,
)
from interactive_gym.server.verifying.checking_process import CheckingProcess
from interactive_gym.server.verifying.rehearsal import PlayedBefore, check_starts
from interactive_gym.server.verifying.rehearsals import Rehearsals
from interactive_gym.server.verifying.verifier import Verifier
from interactive_gym.server.web import (
    load_failures,
    package_routes,
    pages,
    recorder_paths,
    static_files,
)
from interactive_gym.server.web.base_path import BasePath
from interactive_gym.server.web.cached_files import CachedFiles
from interactive_gym.server.web.handlers import connection, flow, play, probing
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar
from interactive_gym.server.web.origins import origin_check
from interactive_gym.server.web.security_headers import SecurityHeaders, security_headers
from interactive_gym.server.web.stopping import Stopping

logger = logging.getLogger(__name__)

PROBE_COORDINATOR: ProbeCoordinator | None = None
"""The coordinator of the application made last, or None until one is made."""


def create_app(config: ExperimentConfig, *, async_mode: str = "eventlet") -> Flask:
    """Return the Flask application that serves *config*, its background work started.

    The Socket.IO server is found at ``app.extensions["socketio"]``, the experiment at
    ``app.extensions["experiment"]``.

    Args:
        config: the experiment.
        async_mode: how Flask-SocketIO runs its background work.

    Raises:
        ValueError: the description is incomplete, a scene's packages cannot be had, its code
            imports what browsers do not have, or its environment fails when a game begins.
    """
    global PROBE_COORDINATOR
    config.check()
    packages = resolve_packages(config.stager.gym_scenes, PackageCache.of_user())
    for scene in config.stager.gym_scenes:
        scene.check_imports()
    check_starts(config.stager.gym_scenes, PlayedBefore.of_user())
    app = Flask(__name__, static_folder=None)
    with warnings.catch_warnings():
        # Researchers did not choose eventlet, so its notice to developers would only confuse them.
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        sio = SocketIO(
            app,
            async_mode=async_mode,
            ping_interval=HEARTBEAT_INTERVAL_S,
            ping_timeout=HEARTBEAT_TIMEOUT_S,
            cors_allowed_origins=origin_check(config.allowed_origins),
            **SOCKET_IO_OPTIONS,
        )
    sessions = guard(app, sio)
    app.wsgi_app = CachedFiles(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = SecurityHeaders(  # type: ignore[method-assign]
        BasePath(app.wsgi_app, config.base_path), security_headers(config.framed_by)
    )
    secret = signing_key(config.key_file or default_key_file())
    participants = ParticipantRegistry(
        secret,
        experiment_id=config.experiment_id,
        new_id=_new_id,
        new_completion_code=_new_completion_code,
        repeated_id=config.repeated_id,
    )
    server_rtt = ServerRttMeter(sio, clock=time.monotonic)
    folder = config.data_dir / config.experiment_id
    if config.save_experiment_data:
        app.extensions["folder_lock"] = lock_folder(folder)
        await_recorders(folder)
    data_store = _data_store(config, secret, async_mode)
    app.extensions["data_store"] = data_store
    if config.save_experiment_data:
        for scene in config.stager.gym_scenes:
            keep_code(folder, scene.game_code())
    lines = participant_lines(folder) if config.save_experiment_data else []
    history = GroupHistory()
    for group in groups_that_played(lines):
        history.record(group)
    managers: dict[str, GameManager] = {}

    def settings_for(subject_a: str, subject_b: str) -> ProbeSettings:
        scene_index = participants.require(subject_a).scene_index
        manager = managers[config.stager.scenes[scene_index].scene_id]
        return manager.probe_settings(subject_a, subject_b)

    PROBE_COORDINATOR = ProbeCoordinator(
        sio,
        clock=time.monotonic,
        new_id=_new_id,
        settings_for=settings_for,
        ice_servers=config.ice_servers,
        force_relay=config.force_relay,
    )
    shared = SharedParts(
        data_store=data_store,
        history=history,
        ledger_of=functools.partial(open_ledger, data_store),
        server_rtt_ms=server_rtt.minimum_ms,
        new_completion_code=_new_completion_code,
    )

    def recruitment_id_of(subject_id: str) -> str | None:
        return participants.require(subject_id).recruitment_id

    for scene in config.stager.gym_scenes:
        managers[scene.scene_id] = GameManager(
            scene,
            config,
            sio,
            matchmaker=scene.matchmaker,
            probe_coordinator=PROBE_COORDINATOR,
            shared=shared,
            blocklist=Blocklist(scene.blocked_pairs, recruitment_id_of),
        )
    late_games = LateGames(data_store, wall_clock=time.time)
    verifier = None
    if config.save_experiment_data and config.verify_games:
        process = CheckingProcess(folder)
        verifier = Verifier(
            data_store, late_games, process, clock=time.monotonic, wall_clock=time.time
        )
    experiment = RunningExperiment(
        Way(config.stager.scenes, config.stager.route, config.endings, config.recruitment_rules),
        sio,
        participants=participants,
        probe_coordinator=PROBE_COORDINATOR,
        managers=managers,
        data_store=data_store,
        late_games=late_games,
        server_rtt=server_rtt,
        rehearsals=Rehearsals({scene.scene_id: scene for scene in config.stager.gym_scenes}),
        verifier=verifier,
    )
    if config.save_experiment_data:
        _restore_games(folder, data_store, managers)
    if verifier is not None:
        verifier.add(unverified_games(folder))
    answers = answer_lines(folder) if config.save_experiment_data else []
    ids = recruitment_lines(folder) if config.save_experiment_data else []
    experiment.restore(places(lines, recruited_by_subject(ids, lines)).values(), answers)
    app.extensions["experiment"] = experiment
    static_files.register(app)
    package_routes.register(app, packages)
    load_failures.register(app, experiment)
    recorder_paths.register(app)
    pages.register(app, config, participants, build_runtime_bundle())
    registrar = HandlerRegistrar(sio, participants)
    newcomers = NewcomerLimit(config.newcomers_per_address, time.monotonic)
    connection.register(sio, experiment, participants, sessions, newcomers)
    flow.register(registrar, experiment)
    probing.register(registrar, PROBE_COORDINATOR)
    play.register(registrar, experiment)
    sio.start_background_task(functools.partial(experiment.run_sweeps, sio.sleep))
    sio.start_background_task(functools.partial(experiment.measure_server_rtts, sio.sleep))
    return app


def run(config: ExperimentConfig) -> None:
    """Serve *config* until interrupted.

    Raises:
        ValueError: the description is incomplete.
        SystemExit: nothing can listen on the configured address.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    descriptors = raise_limit()
    app = create_app(config)
    _require_free_address(config.host, config.port)
    if not config.ice_servers:
        logger.warning(
            "No ICE servers are configured: only participants on one network, or with public "
            "addresses, can reach each other. Name some with .webrtc(ice_servers=[…])."
        )
    shown = "localhost" if config.host in ("127.0.0.1", "0.0.0.0", "::") else config.host
    address = f"http://{shown}:{config.port}{config.base_path}"
    print(f"Serving {config.experiment_id} at {address}", flush=True)
    if config.allowed_origins is not None:
        logger.info("Only pages of %s may connect.", ", ".join(config.allowed_origins) or "nobody")
    print(descriptors, flush=True)
    settle()
    # Imported here, as importing this module patches nothing.
    from interactive_gym.server.transport.listener import listen
    from interactive_gym.server.transport.serving import TcpServer

    connections = Connections(descriptors.connections, time.monotonic)
    server = TcpServer(
        app,
        listen(config.host, config.port, connections),
        connections,
        app.extensions["data_store"].channel_for,
    )
    stopping = Stopping(
        app.extensions["experiment"],
        clock=time.monotonic,
        timeout_s=config.stop_timeout_s,
        leave=server.leave,
    )
    stopping.listen()
    sio = app.extensions["socketio"]
    sio.start_background_task(functools.partial(stopping.run, sio.sleep))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    # Nothing more is begun, and what is left takes a moment that no signal may cut short.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    app.extensions["experiment"].close()


def _data_store(config: ExperimentConfig, secret: str, async_mode: str) -> DataStore:
    if not config.recorders:
        store_type = DataStore if config.save_experiment_data else NoDataStore
        return store_type(config.data_dir, config.experiment_id, wall_clock=time.time)
    if async_mode != "eventlet":
        raise ValueError(
            f"recorders is {config.recorders}, which needs eventlet, but async_mode is "
            f"{async_mode!r}: leave one of both out."
        )
    # Imported here, as importing eventlet without serving with it would be of no use.
    from interactive_gym.server.recording.recorders import RecordedStore

    return RecordedStore(
        config.data_dir,
        config.experiment_id,
        recorders=config.recorders,
        signing_key=secret,
        base_path=config.base_path,
        allowed_origins=config.allowed_origins,
        wall_clock=time.time,
    )


def _restore_games(
    folder: Path, data_store: DataStore, managers: Mapping[str, GameManager]
) -> None:
    """Go on with the games that earlier starts have left open, and end those that cannot go on."""
    for game in interrupted_games(folder):
        manager = managers.get(game.scene_id)
        goes_on = manager is not None and manager.restore_game(game.match, game.events())
        if not goes_on:
            data_store.end_interrupted_game(game)
        what = "It goes on" if goes_on else "It is ended"
        logger.warning(
            "Game %s was open when the server was stopped. %s.", game.match["game_id"], what
        )


def _require_free_address(host: str, port: int) -> None:
    """Exit with a message if the address is taken.

    The server itself would share the port with another one (SO_REUSEPORT), which would split
    participants between two experiments unnoticed.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SystemExit(
                f"port is {port}, which another program on {host} uses: choose another port."
            ) from error
        raise SystemExit(
            f"host is {host!r} with port {port}, where this machine cannot listen "
            f"({error.strerror}): choose another host or port."
        ) from error


def _new_id() -> str:
    return uuid.uuid4().hex


def _new_completion_code() -> str:
    return secrets.token_hex(5).upper()

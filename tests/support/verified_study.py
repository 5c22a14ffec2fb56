"""A study whose games were played by the real netcode, stored as a server stores them."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.resimulation import Resimulation
from interactive_gym.packages.game_code import GameCode
from interactive_gym.packages.runtime import runtime_sources
from interactive_gym.server.data.code_folder import keep_code
from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.data.frame_rows import header_line
from tests.support.simulated_network import Machine, SimulatedGame, bad_machines, bad_network
from tests.support.stub_game import StubGame

STUB = Path(__file__).with_name("stub_game.py").read_text(encoding="utf-8")
SCENE = "game"


def stub_code(agents: int = 2, more: str = "") -> GameCode:
    source = f"{STUB}\n{more}\nenv = StubGame({agents})\n"
    return GameCode(source.encode(), runtime_sources(), [], "0.1")


class VerifiedStudy:
    """A study's folder, to which games are added."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "study"
        self.store = DataStore(tmp_path, "study", wall_clock=lambda: 1_700_000_000.0)

    def played(
        self,
        game_id: str,
        config: GameConfig,
        code: GameCode,
        make_env: Callable[[], Any] = StubGame,
        namespace: Mapping[str, Any] | None = None,
        machines: list[Machine] | None = None,
    ) -> Path:
        """Play a game over a bad network, and store what each participant recorded."""
        network, draws = bad_network(config.seed)
        machines = machines or bad_machines(config.num_seats, draws)
        names = namespace or {}
        game = SimulatedGame(
            make_env, config, config.seed, network, machines, make_namespace=lambda: names
        ).run()
        game.verify()
        cuts = [player.seat for player in game.players if player not in game.survivors]
        reason = "partner_lost" if cuts and config.on_cut == "end" else "completed"
        columns = Resimulation(make_env(), config, names).columns
        copies = {player.seat: player.rows for player in game.players}
        return self.stored(game_id, config, code, columns, copies, cuts, reason)

    def stored(
        self,
        game_id: str,
        config: GameConfig,
        code: GameCode,
        columns: list[str],
        copies: dict[int, list[str]],
        cuts: Sequence[int] = (),
        reason: str = "completed",
    ) -> Path:
        """Store the copies of a game as the server does."""
        keep_code(self.folder, code)
        players = [
            agent
            for agent, kind in zip(config.agents, config.policies, strict=True)
            if kind is None
        ]
        match = {
            **dataclasses.asdict(config),
            "group": [
                {"seat": n, "agent": agent, "subject_id": f"subject_{n}"}
                for n, agent in enumerate(players)
            ],
            "game_id": game_id,
            "created_at": "2023-11-14T22:10:00.000Z",
            "environment_digest": code.digest,
        }
        record = self.store.open_game(SCENE, game_id, json.loads(json.dumps(match)))
        for seat in cuts:
            record.note_cut(seat, "disconnected")
        for seat, rows in copies.items():
            step = 40 * len(config.agents)
            running = hashlib.sha256(header_line(columns).encode())
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                running.update("".join(f"{row}\n" for row in part).encode())
                first = start // len(config.agents)
                record.append_frames(seat, columns, first, part, running.hexdigest())
            if seat not in cuts:
                digest = running.hexdigest() if rows else ""
                record.finish(seat, len(rows) // len(config.agents), digest)
        record.close(reason)
        return self.folder / SCENE / game_id


def with_reward(rows: list[str], frame: int, reward: str) -> list[str]:
    """The rows of two agents, with another reward of the first of them in a frame."""
    cells = rows[2 * frame].split(",")
    cells[6] = reward
    return [*rows[: 2 * frame], ",".join(cells), *rows[2 * frame + 1 :]]


def recorded(game: Path) -> tuple[list[str], list[str]]:
    """The columns and rows on which all copies of a stored game agree."""
    header, *rows = (game / "frames.csv").read_text().splitlines()
    return header.split(","), rows

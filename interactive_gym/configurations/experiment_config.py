"""One experiment as its researcher describes it: scenes, hosting, WebRTC servers and data.

`interactive_gym.server.app` runs it.
"""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from interactive_gym.configurations.hosting_options import (
    MAX_RECORDERS,
    checked_base_path,
    checked_origins,
)
from interactive_gym.configurations.recruitment_options import RecruitmentOptions
from interactive_gym.configurations.screening_options import ScreeningOptions
from interactive_gym.options.outcomes import Outcome
from interactive_gym.options.refused_options import missing_attribute, setter
from interactive_gym.options.validation import (
    UNSET,
    filled_text,
    flag,
    folder_name,
    given,
    number,
    whole_number,
)
from interactive_gym.scenes.outcomes.ending import Ending
from interactive_gym.scenes.outcomes.ending_table import EndingTable
from interactive_gym.scenes.stager import Stager

_ICE_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


class ExperimentConfig(RecruitmentOptions, ScreeningOptions):
    """Describes an experiment by chained setters.

    A setter may be called again: options given replace earlier values, options left out keep them.
    Every setter raises ValueError for a value it cannot use.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stager: Stager | None = None
        self._experiment_id: str | None = None
        self.save_experiment_data = True
        """Whether anything is written to disk."""
        self.verify_games = True
        """Whether games are simulated again when they end."""
        self.data_dir = Path("data")
        """The folder that holds one folder per experiment."""
        self.host = "127.0.0.1"
        """The address to listen on; 0.0.0.0 lets other machines connect."""
        self.port = 8000
        """The TCP port to listen on."""
        self.newcomers_per_address: int | None = 1000
        """How many new participants one address may bring at once; None for any number."""
        self.key_file: Path | None = None
        """The file with the key that tokens are signed with; None for the user's own."""
        self.stop_timeout_s = 60.0
        """How long games may go on once the server is asked to stop, in seconds."""
        self.recorders = 0
        """How many further processes take the uploads of games."""
        self.base_path = "/"
        """The path under which participants reach the experiment, with a slash at its end."""
        self.allowed_origins: tuple[str, ...] | None = None
        """The origins whose pages may connect; None for all."""
        self.framed_by: tuple[str, ...] | None = ()
        """The origins whose pages may show the experiment in a frame; None for all."""
        self.ice_servers: list[dict[str, Any]] = []
        """STUN and TURN servers in the form of the WebRTC standard's RTCIceServer."""
        self.endings = EndingTable()
        """What each outcome means for participants."""
        self.force_relay = False
        """Whether every connection between participants must go through a TURN server."""
        self._endings_given: dict[str, Any] = {}
        self._turn_username: str | None = None
        self._turn_credential: str | None = None
        self._given_ice_servers: list[dict[str, Any]] = []

    if not TYPE_CHECKING:  # else every misspelt name would have a type

        def __getattr__(self, name: str) -> NoReturn:
            """Explain why a setter that scripts call elsewhere does not exist."""
            raise missing_attribute(ExperimentConfig, name)

    @property
    def stager(self) -> Stager:
        """The order of scenes; raises ValueError if none was given."""
        if self._stager is None:
            raise ValueError("stager is missing: give the scenes with .experiment(stager=…).")
        return self._stager

    @property
    def experiment_id(self) -> str:
        """The name of the experiment's folder of data; raises ValueError if none was given."""
        if self._experiment_id is None:
            raise ValueError(
                "experiment_id is missing: name the experiment with .experiment(experiment_id=…)."
            )
        return self._experiment_id

    def experiment(
        self,
        *,
        stager: Stager = UNSET,
        experiment_id: str = UNSET,
        save_experiment_data: bool = UNSET,
        data_dir: str | Path = UNSET,
        verify_games: bool = UNSET,
    ) -> "ExperimentConfig":
        """Set what participants go through and where its data goes.

        Args:
            stager: the scenes in order.
            experiment_id: letters, digits, ``_`` and ``-``; the name of the data folder.
            save_experiment_data: False keeps nothing on disk, for trying things out.
            data_dir: the folder in which the experiment's folder is made; "data" by default.
            verify_games: whether every game is simulated again when it ends, by a process that
                runs only while nothing else wants the processor; True by default.
        """
        if stager is not UNSET:
            if not isinstance(stager, Stager):
                raise ValueError(f"stager is {stager!r}: give a Stager(scenes=[…]).")
            self._stager = stager
        if experiment_id is not UNSET:
            self._experiment_id = folder_name("experiment_id", experiment_id)
        if save_experiment_data is not UNSET:
            self.save_experiment_data = flag("save_experiment_data", save_experiment_data)
        if verify_games is not UNSET:
            self.verify_games = flag("verify_games", verify_games)
        if data_dir is not UNSET:
            if not isinstance(data_dir, (str, Path)) or not str(data_dir):
                raise ValueError(f"data_dir is {data_dir!r}: give the path of a folder.")
            self.data_dir = Path(data_dir)
        return self

    @setter
    def hosting(
        self,
        *,
        host: str = UNSET,
        port: int = UNSET,
        base_path: str = UNSET,
        allowed_origins: str | Sequence[str] = UNSET,
        key_file: str | Path = UNSET,
        stop_timeout: int | float = UNSET,
        framed_by: str | Sequence[str] = UNSET,
        newcomers_per_address: int | None = UNSET,
        recorders: int = UNSET,
    ) -> "ExperimentConfig":
        """Set where the experiment is served, and who may connect to it.

        docs/deployment.md shows these options behind nginx and Caddy.

        Args:
            host: the address to listen on; 127.0.0.1 by default, 0.0.0.0 lets other machines
                connect.
            port: the TCP port to listen on; 8000 by default.
            base_path: the path under which a proxy serves the experiment, such as "/study1"; "/"
                by default. Requests are answered whether or not the proxy leaves it in place.
            allowed_origins: the origins whose pages may connect, such as
                ``["https://study.example.org"]``; "*" (the default) for all. A participant is
                known by a token that no other site can read, and by no cookie, so other sites gain
                nothing by connecting. A list keeps their visitors' browsers from trying.
            key_file: the file with the key that participants' tokens are signed with, made if it
                does not exist. By default interactive-gym/signing.key in the user's folder of state
                (XDG_STATE_HOME, or ~/.local/state). With another key, participants who come back
                after a restart are strangers.
            stop_timeout: how long, in seconds, games may go on once the server is asked to stop by
                SIGTERM or Ctrl-C; 60 by default. A service manager has to wait longer than that
                before it kills the server.
            framed_by: the origins whose pages may show the experiment in a frame, as some panels
                do; none by default, "*" for all. Whoever frames a page can lay something over it
                and so have its visitors press buttons that they do not see.
            newcomers_per_address: how many new participants may come from one network address (in
                IPv6: one /64) at once, and again within an hour; 1,000 by default, as universities
                and laboratories share addresses; None for any number. Behind a proxy on another
                machine all come from the proxy's address.
            recorders: how many further processes take the uploads of games, for a study with more
                players at a time than one processor carries; none by default. Each needs a
                processor of its own.
        """
        if recorders is not UNSET:
            self.recorders = whole_number("recorders", recorders, 0, MAX_RECORDERS)
        if newcomers_per_address is not UNSET:
            self.newcomers_per_address = (
                None
                if newcomers_per_address is None
                else whole_number("newcomers_per_address", newcomers_per_address, 1)
            )
        if stop_timeout is not UNSET:
            self.stop_timeout_s = number("stop_timeout", stop_timeout, "seconds", minimum=0)
        if key_file is not UNSET:
            if not isinstance(key_file, (str, Path)) or not str(key_file):
                raise ValueError(f"key_file is {key_file!r}: give the path of a file.")
            self.key_file = Path(key_file)
        if host is not UNSET:
            self.host = filled_text("host", host)
        if port is not UNSET:
            self.port = whole_number("port", port, 1, 65535)
        if base_path is not UNSET:
            self.base_path = checked_base_path(base_path)
        if allowed_origins is not UNSET:
            self.allowed_origins = checked_origins("allowed_origins", allowed_origins)
        if framed_by is not UNSET:
            self.framed_by = checked_origins("framed_by", framed_by)
        return self

    def outcomes(
        self,
        table: Mapping[Outcome, Ending] = UNSET,
        *,
        currency: str = UNSET,
        reward: float | None = UNSET,
        hourly_rate: float | None = UNSET,
    ) -> "ExperimentConfig":
        """Say what each outcome means: the last page, the code, the link, what still follows.

        With this call, whoever does not get through the study is led to the last page, which says
        what has happened and what it means for their payment. What an `Ending` leaves out, and
        outcomes that the table leaves out, are as docs/scenes.md lists them.
        ``interactive-gym codes`` prints the table for the recruitment platform.

        Args:
            table: an ``Ending`` by outcome; {} by default.
            currency: what stands before amounts, such as "£".
            reward: the whole reward, in units of the currency. ``interactive-gym payments``
                proposes it for whoever is paid in full.
            hourly_rate: what an hour is paid with, where time is paid.
        """
        options: dict[str, Any] = {
            "given": table,
            "currency": currency,
            "reward": reward,
            "hourly_rate": hourly_rate,
        }
        self._endings_given |= {name: of for name, of in options.items() if of is not UNSET}
        self.endings = EndingTable(**({"given": {}} | self._endings_given))
        return self

    def webrtc(
        self,
        *,
        ice_servers: list[dict[str, Any]] = UNSET,
        force_relay: bool = UNSET,
        turn_username: str = UNSET,
        turn_credential: str = UNSET,
    ) -> "ExperimentConfig":
        """Set how participants' browsers reach each other.

        Args:
            ice_servers: a list of ``{"urls": …, "username": …, "credential": …}``, the standard's
                RTCIceServer. Without any, only participants on one network or with public
                addresses reach each other.
            force_relay: send everything through TURN, which hides participants' addresses from
                each other and adds the detour to the P2P RTT.
            turn_username: user name for the TURN servers whose entry has none.
            turn_credential: password for the TURN servers whose entry has none.
        """
        servers = self._given_ice_servers
        if ice_servers is not UNSET:
            servers = _checked_ice_servers(ice_servers)
        relay = self.force_relay if force_relay is UNSET else flag("force_relay", force_relay)
        username = given(turn_username, self._turn_username)
        credential = given(turn_credential, self._turn_credential)
        has_turn = any(map(_is_turn, servers))
        if relay and not has_turn:
            raise ValueError(
                "force_relay is True but ice_servers names no TURN server: add an entry whose urls "
                "start with turn: or turns:."
            )
        if (username is not None or credential is not None) and not has_turn:
            raise ValueError(
                "turn_username or turn_credential is given but ice_servers names no TURN server: "
                "add an entry whose urls start with turn: or turns:."
            )
        self.ice_servers = [_with_credentials(entry, username, credential) for entry in servers]
        self._given_ice_servers, self.force_relay = servers, relay
        self._turn_username, self._turn_credential = username, credential
        return self

    def check(self) -> None:
        """Raise ValueError unless the description is complete enough to run."""
        _ = self.experiment_id
        self.stager.check()
        self.endings.check(self.stager.scenes, self.stager.last)
        self.prepare_device_checks(
            self.stager.scenes, ice_servers=self.ice_servers, force_relay=self.force_relay
        )
        if self.recorders and not self.save_experiment_data:
            raise ValueError(
                f"recorders is {self.recorders}, but save_experiment_data is False: there is "
                f"nothing to record, so leave one of both out."
            )


def _urls(entry: dict[str, Any]) -> list[str]:
    urls = entry["urls"]
    return [urls] if isinstance(urls, str) else urls


def _is_turn(entry: dict[str, Any]) -> bool:
    return any(url.startswith(("turn:", "turns:")) for url in _urls(entry))


def _checked_ice_servers(servers: Any) -> list[dict[str, Any]]:
    if not isinstance(servers, list):
        raise ValueError(f'ice_servers is {servers!r}: give a list such as [{{"urls": "stun:…"}}].')
    for entry in servers:
        unknown = set(entry) - {"urls", "username", "credential"} if isinstance(entry, dict) else ()
        if not isinstance(entry, dict) or "urls" not in entry or unknown:
            raise ValueError(
                f"ice_servers has the entry {entry!r}: give each as a dict of urls, username and "
                f"credential."
            )
        urls = [entry["urls"]] if isinstance(entry["urls"], str) else entry["urls"]
        if (
            not isinstance(urls, list)
            or not urls
            or not all(isinstance(url, str) and url.startswith(_ICE_SCHEMES) for url in urls)
        ):
            raise ValueError(
                f"ice_servers has the urls {entry['urls']!r}: start each with stun:, stuns:, turn: "
                f"or turns:."
            )
    return copy.deepcopy(servers)


def _with_credentials(
    entry: dict[str, Any], username: str | None, credential: str | None
) -> dict[str, Any]:
    if not _is_turn(entry):
        return dict(entry)
    filled = {"username": username, "credential": credential, **entry}
    for name in ("username", "credential"):
        if not isinstance(filled[name], str) or not filled[name]:
            raise ValueError(
                f"turn_{name} is {filled[name]!r} for the TURN server {_urls(entry)[0]!r}: give "
                f"turn_{name}, or {name} in its entry of ice_servers, as browsers refuse to use "
                f"TURN without it."
            )
    return filled

"""How fast a game runs and what it is drawn with: `.rendering()`.

The images lie in a folder of the researcher's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import UNSET, filled_text, whole_number
from interactive_gym.scenes.game_options import GameOptions
from interactive_gym.scenes.scene import ParticipantIds

S = TypeVar("S", bound="RenderingOptions")


class RenderingOptions(GameOptions):
    """The speed and the picture of a game."""

    def __init__(self) -> None:
        super().__init__()
        self.fps = 30
        """Frames per second."""
        self.assets_dir: Path | None = None
        """The folder of the images that the environment draws."""
        self._assets_to_preload: tuple[str, ...] = ()
        self._game_width = 600
        self._game_height = 400
        self._background = "#ffffff"
        self._smoothing_ms = 100

    @setter
    def rendering(
        self: S,
        *,
        fps: int = UNSET,
        game_width: int = UNSET,
        game_height: int = UNSET,
        background: str = UNSET,
        rollback_smoothing_duration: int | None = UNSET,
        assets_dir: str | Path | None = UNSET,
        assets_to_preload: Sequence[str] = UNSET,
    ) -> S:
        """Set how fast the game runs and the canvas it is drawn on.

        Args:
            fps: frames per second, 1 to 60; 30 by default.
            game_width: width of the draw commands' pixel space; 600 by default.
            game_height: height of the draw commands' pixel space; 400 by default.
            background: any CSS colour; white by default.
            rollback_smoothing_duration: over how many ms the picture eases into a correction after
                a rollback, up to 1000; 100 by default, 0 or None to jump. The data are the same.
            assets_dir: the folder of the image files that ``image`` draw commands name, which is
                served to participants; or None (the default).
            assets_to_preload: names of files in *assets_dir* that are loaded before the game; the
                others are loaded when they are first drawn.
        """
        if fps is not UNSET:
            self.fps = whole_number("fps", fps, 1, 60)
        if game_width is not UNSET:
            self._game_width = whole_number("game_width", game_width, 1, 4096)
        if game_height is not UNSET:
            self._game_height = whole_number("game_height", game_height, 1, 4096)
        if background is not UNSET:
            self._background = filled_text("background", background)
        if rollback_smoothing_duration is not UNSET:
            duration_ms = 0 if rollback_smoothing_duration is None else rollback_smoothing_duration
            self._smoothing_ms = whole_number("rollback_smoothing_duration", duration_ms, 0, 1000)
        folder = self.assets_dir if assets_dir is UNSET else _checked_folder(assets_dir)
        names = self._assets_to_preload if assets_to_preload is UNSET else assets_to_preload
        self._assets_to_preload = _checked_names(names, folder)
        self.assets_dir = folder
        return self

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the ``game`` object with its ``fps``."""
        return {**super().game_config(rtt_ms), "fps": self.fps}

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with what its picture needs."""
        assets = None
        if self.assets_dir is not None:
            preload = list(self._assets_to_preload)
            assets = {"base_url": f"assets/{self.scene_id}/", "preload": preload}
        return {
            **super().to_client(participant),
            "width": self._game_width,
            "height": self._game_height,
            "background": self._background,
            "fps": self.fps,
            "smoothing_ms": self._smoothing_ms,
            "assets": assets,
        }


def _visible_files(folder: Path) -> set[str]:
    files = (path.name for path in folder.iterdir() if path.is_file())
    return {name for name in files if not name.startswith(".")}


def _checked_folder(folder: Any) -> Path | None:
    if folder is None:
        return None
    if not isinstance(folder, (str, Path)) or not Path(folder).is_dir():
        raise ValueError(
            f"assets_dir is {str(folder)!r}, which is no folder: give the folder of the images."
        )
    return Path(folder).resolve()


def _checked_names(names: Any, folder: Path | None) -> tuple[str, ...]:
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise ValueError(f'assets_to_preload is {names!r}: give a list such as ["cook.png"].')
    if names and folder is None:
        raise ValueError(
            f"assets_to_preload is {list(names)!r} but there is no assets_dir: give their folder "
            f"in the same call."
        )
    there = set() if folder is None else _visible_files(folder)
    for name in names:
        if name not in there:
            raise ValueError(
                f"assets_to_preload has {name!r}, which is no file in {str(folder)!r}: give names "
                f"of files there."
            )
    return tuple(names)

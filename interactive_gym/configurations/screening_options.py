"""What participants' devices must be able to do: `.entry_screening()`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, get_args

from interactive_gym.options.browsers import BROWSERS
from interactive_gym.options.refused_options import setter
from interactive_gym.options.screening_rules import MESSAGES, Pointer, ScreeningRules
from interactive_gym.options.validation import UNSET, is_number, number, whole_number
from interactive_gym.scenes.device_check import DeviceCheck
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.scene import Scene

S = TypeVar("S", bound="ScreeningOptions")


class ScreeningOptions:
    """The limits for devices, which an experiment's DeviceCheck pages look at."""

    def __init__(self) -> None:
        super().__init__()
        self.screening_rules: ScreeningRules | None = None
        """What participants' devices must be able to do; None for what the games need."""

    @setter
    def entry_screening(
        self: S,
        *,
        browser_requirements: Mapping[str, int] = UNSET,
        browser_blocklist: Sequence[str] = UNSET,
        max_ping: float | None = UNSET,
        min_ping_measurements: int = UNSET,
        pointer: Pointer | None = UNSET,
        min_window: tuple[int, int] | None = UNSET,
        max_frame_share: float | None = UNSET,
        exclusion_messages: Mapping[str, str] = UNSET,
        entry_callback: Callable[[Mapping[str, Any]], Any] | None = UNSET,
    ) -> S:
        """Set limits for participants' devices, which the experiment's DeviceCheck pages look at.

        Whatever the limits, such a page looks for what the next game needs: a keyboard, the
        browser's features, and a connection to other browsers (docs/recruitment.md).

        Args:
            browser_requirements: the least version by browser, such as ``{"Safari": 16}``; others
                may have any version.
            browser_blocklist: the browsers that may not take part, such as ``["Firefox"]``.
            max_ping: the greatest server RTT, in milliseconds; None (the default) for no limit.
            min_ping_measurements: after how many measurements it is judged, 1 to 5; 3 by default.
                The least of them counts.
            pointer: "mouse" or "touch", where the study cannot be done without; None by default.
            min_window: the least width and height of the window's content, in CSS pixels; None (the
                default) for any.
            max_frame_share: the share of a frame's time that computing a frame of the next game may
                take on the device, such as 0.5; None (the default) for no limit.
            exclusion_messages: what participants are told who cannot take part, by reason.
            entry_callback: a function that is given what is known of a device, as a dict, once all
                other rules are kept. It returns the message for somebody who cannot take part, else
                None.
        """
        rules = self.screening_rules or ScreeningRules()
        if browser_requirements is not UNSET:
            least = checked_requirements(browser_requirements)
            rules = replace(rules, browser_requirements=least)
        if browser_blocklist is not UNSET:
            rules = replace(rules, browser_blocklist=checked_blocklist(browser_blocklist))
        if max_ping is not UNSET:
            limit_ms = None if max_ping is None else number("max_ping", max_ping, "milliseconds")
            rules = replace(rules, max_server_rtt_ms=limit_ms)
        if min_ping_measurements is not UNSET:
            count = whole_number("min_ping_measurements", min_ping_measurements, 1, 5)
            rules = replace(rules, min_rtt_measurements=count)
        if pointer is not UNSET:
            rules = replace(rules, pointer=checked_pointer(pointer))
        if min_window is not UNSET:
            rules = replace(rules, min_window=checked_window(min_window))
        if max_frame_share is not UNSET:
            rules = replace(rules, max_frame_share=checked_frame_share(max_frame_share))
        if exclusion_messages is not UNSET:
            rules = replace(rules, messages=checked_messages(exclusion_messages))
        if entry_callback is not UNSET:
            rules = replace(rules, entry_callback=checked_callback(entry_callback))
        self.screening_rules = rules
        return self

    def prepare_device_checks(
        self, scenes: Sequence[Scene], *, ice_servers: list[dict[str, Any]], force_relay: bool
    ) -> None:
        """Tell every DeviceCheck its limits and the game that follows it.

        Raises:
            ValueError: there are limits but no such page.
        """
        checks = [scene for scene in scenes if isinstance(scene, DeviceCheck)]
        if self.screening_rules is not None and not checks:
            raise ValueError(
                "entry_screening is set but no scene is a DeviceCheck, where devices are looked "
                "at: put DeviceCheck().scene(scene_id=…) before the first game."
            )
        game: GymScene | None = None
        for scene in reversed(scenes):
            if isinstance(scene, GymScene):
                game = scene
            elif isinstance(scene, DeviceCheck):
                scene.prepare(
                    self.screening_rules or ScreeningRules(),
                    game,
                    ice_servers=ice_servers,
                    force_relay=force_relay,
                )


def checked_requirements(value: Any) -> dict[str, int]:
    """Accept a dict of least versions by browser."""
    if not isinstance(value, Mapping):
        raise ValueError(
            f"browser_requirements is {value!r}: give a dict of least versions by browser, such as "
            f'{{"Chrome": 110, "Firefox": 115}}.'
        )
    for name, version in value.items():
        _check_browser("browser_requirements", name)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise ValueError(
                f"browser_requirements has {version!r} for {name}: give the number of its least "
                f"version, such as 110."
            )
    return dict(value)


def checked_blocklist(value: Any) -> tuple[str, ...]:
    """Accept a list of browsers."""
    if not isinstance(value, (list, tuple)):
        raise ValueError(
            f'browser_blocklist is {value!r}: give a list of browsers, such as ["Safari"].'
        )
    for name in value:
        _check_browser("browser_blocklist", name)
    return tuple(value)


def checked_pointer(value: Any) -> Pointer | None:
    """Accept what a participant must be able to point with, or None."""
    if value is not None and value not in get_args(Pointer):
        raise ValueError(f'pointer is {value!r}: give "mouse", "touch" or None.')
    pointer: Pointer | None = value
    return pointer


def checked_window(value: Any) -> tuple[int, int] | None:
    """Accept a width and a height, or None."""
    if value is None:
        return None
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    if not is_pair or not all(is_number(side) and 1 <= side <= 10_000 for side in value):
        raise ValueError(
            f"min_window is {value!r}: give width and height in CSS pixels, such as (1000, 700), "
            f"or None."
        )
    width, height = value
    return int(width), int(height)


def checked_frame_share(value: Any) -> float | None:
    """Accept a share of a frame's time, or None."""
    if value is not None and (not is_number(value) or not 0 < value <= 1):
        raise ValueError(
            f"max_frame_share is {value!r}: give the share of a frame's time that computing it may "
            f"take, above 0 and up to 1, or None."
        )
    return None if value is None else float(value)


def checked_messages(value: Any) -> dict[str, str]:
    """Accept a dict of messages by reason."""
    if not isinstance(value, Mapping) or not all(
        isinstance(text, str) and text.strip() for text in value.values()
    ):
        raise ValueError(
            f"exclusion_messages is {value!r}: give a dict of texts by reason, such as "
            f'{{"no_keyboard": "…"}}.'
        )
    for reason in value:
        if reason not in MESSAGES:
            raise ValueError(
                f"exclusion_messages names {reason!r}, which is no reason: give one of "
                f"{', '.join(MESSAGES)}."
            )
    return dict(value)


def checked_callback(value: Any) -> Any:
    """Accept a function, or None."""
    if value is not None and not callable(value):
        raise ValueError(
            f"entry_callback is {value!r}: give a function of what is known of the device that "
            f"returns a message to exclude a participant, else None."
        )
    return value


def _check_browser(option: str, name: Any) -> None:
    if name not in BROWSERS:
        raise ValueError(f"{option} names {name!r}: give one of {', '.join(BROWSERS)}.")

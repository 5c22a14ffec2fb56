"""Judges whether a participant's device can run the study, by what its page and the server found.

A page may tell what it likes; it can only exclude its own participant by it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from interactive_gym.options.browsers import browser_of
from interactive_gym.options.screening_rules import Reason
from interactive_gym.scenes.device_check import DeviceCheck
from interactive_gym.server.messages.device import DeviceReport

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Screened:
    """What has come of a check."""

    figures: Mapping[str, Any]
    """What is known of the device."""

    reasons: tuple[Reason, ...]
    """Why the participant cannot take part, the first to tell them; empty if they can."""

    message: str | None
    """What they are told then."""


def screen(
    scene: DeviceCheck,
    device: DeviceReport,
    server_rtt_ms: float | None,
    known: Mapping[str, Any],
) -> Screened:
    """Judge a device.

    Args:
        scene: what is needed, and the limits.
        device: what its page says.
        server_rtt_ms: the server RTT, `None` if it was not measured.
        known: what the study's own callback is told besides.
    """
    browser = browser_of(device.user_agent)
    figures = {
        **msgspec.to_builtins(device),
        "browser": browser and browser[0],
        "browser_version": browser and browser[1],
        "server_rtt_ms": server_rtt_ms,
    }
    reasons = [
        *_browser_reasons(scene, device, browser),
        *_connection_reasons(scene, device, server_rtt_ms),
        *_device_reasons(scene, device),
    ]
    if reasons:
        return Screened(figures, tuple(reasons), scene.rules.message_for(reasons[0]))
    message = _ask_callback(scene, {**figures, **known})
    return Screened(figures, ("entry_callback",) if message is not None else (), message)


def _browser_reasons(
    scene: DeviceCheck, device: DeviceReport, browser: tuple[str, int] | None
) -> list[Reason]:
    reasons: list[Reason] = []
    if device.missing:
        reasons.append("browser_features")
    if browser is not None:
        name, version = browser
        if name in scene.rules.browser_blocklist:
            reasons.append("browser_blocked")
        if version < scene.rules.browser_requirements.get(name, 0):
            reasons.append("browser_outdated")
    return reasons


def _connection_reasons(
    scene: DeviceCheck, device: DeviceReport, server_rtt_ms: float | None
) -> list[Reason]:
    reasons: list[Reason] = []
    if scene.needs_partners and device.webrtc != "works":
        reasons.append("no_webrtc")
    if scene.needs_relay and device.turn != "works":
        reasons.append("no_turn")
    limit_ms = scene.rules.max_server_rtt_ms
    if limit_ms is not None and server_rtt_ms is not None and server_rtt_ms > limit_ms:
        reasons.append("server_rtt")
    return reasons


def _device_reasons(scene: DeviceCheck, device: DeviceReport) -> list[Reason]:
    rules, reasons = scene.rules, list[Reason]()
    if scene.needs_keyboard and not device.keyboard:
        reasons.append("no_keyboard")
    if rules.pointer == "mouse" and device.pointer not in ("mouse", "pen"):
        reasons.append("no_pointer")
    if rules.pointer == "touch" and device.pointer != "touch":
        reasons.append("no_touch")
    if rules.min_window is not None:
        width, height = rules.min_window
        if device.window_width < width or device.window_height < height:
            reasons.append("window_too_small")
    share = None
    if scene.frame_ms is not None and device.frame_ms is not None:
        share = device.frame_ms / scene.frame_ms
    if share is not None and rules.max_frame_share is not None and share > rules.max_frame_share:
        reasons.append("slow_device")
    return reasons


def _ask_callback(scene: DeviceCheck, known: Mapping[str, Any]) -> str | None:
    """What the study's own callback says to whom it excludes; `None` for all others.

    One that fails excludes nobody.
    """
    callback = scene.rules.entry_callback
    if callback is None:
        return None
    try:
        said = callback(known)
        if isinstance(said, Mapping):
            text = said.get("message") or ""
            said = text if said.get("exclude") else None
        if said is None or said is False:
            return None
        if not isinstance(said, str):
            raise TypeError(f"it returned {said!r}, which is neither a message nor None")
    except Exception:
        logger.exception("entry_callback of the study failed, so it excludes nobody here.")
        return None
    return said.strip() or scene.rules.message_for("entry_callback")

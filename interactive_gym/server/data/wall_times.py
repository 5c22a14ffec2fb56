"""Times as they stand in files: ISO 8601 in UTC."""

from datetime import datetime, timezone


def wall_s_of(time: str) -> float:
    """Seconds since the epoch of a time as `utc_iso` writes it."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def utc_iso(wall_s: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(wall_s, tz=timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

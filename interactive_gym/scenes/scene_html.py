"""What of a scene's HTML browsers ignore, so that the researcher is told when the server starts.

The pages' Content-Security-Policy (`server/web/security_headers.py`) keeps it from running, as does
the way in which the HTML is put into the page.
"""

from html.parser import HTMLParser

_INERT_TAGS = frozenset({"script", "object", "embed", "applet", "base"})


def inert_parts(html: str) -> list[str]:
    """Return what browsers will ignore in *html*, each kind once, in the order of appearance."""
    finder = _InertParts()
    finder.feed(html)
    finder.close()
    return list(dict.fromkeys(finder.found))


class _InertParts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _INERT_TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(f"the attribute {name}")
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append("a javascript: address")

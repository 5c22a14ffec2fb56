"""Writes a report as one HTML page that loads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from interactive_gym.reporting.figures import INK

_STYLE = Path(__file__).with_name("page.css")

Cell = str | float | int | None
"""A cell of a table; `None` where there is nothing."""


def page(title: str, sections: Iterable[str]) -> str:
    """The whole page.

    Args:
        title: its title.
        sections: its sections, as `section` makes them.
    """
    style = _STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(sections) + "\n</main>\n</body>\n</html>\n"
    )


def section(heading: str, *parts: str) -> str:
    """A section.

    Args:
        heading: its heading.
        parts: its content, as HTML.
    """
    return f"<section>\n<h2>{escape(heading)}</h2>\n" + "\n".join(parts) + "\n</section>"


def paragraph(text: str) -> str:
    """A paragraph of plain text.

    Args:
        text: the text.
    """
    return f"<p>{escape(text)}</p>"


def listed(texts: Iterable[str]) -> str:
    """A list of plain texts.

    Args:
        texts: its items.
    """
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table; its first column names the rows.

    Args:
        caption: what it shows.
        header: the names of its columns.
        rows: its cells.
    """
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(f"<td{_class(cell)}>{_text(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scrolled" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )


def figure(name: str, figures: Mapping[str, str], caption: str, *, is_wide: bool = False) -> str:
    """A figure with its caption; nothing if it was not drawn.

    Args:
        name: its name.
        figures: the figures by name, as SVG.
        caption: what it shows.
        is_wide: whether it takes more than a journal's column.
    """
    if name not in figures:
        return ""
    # Without what a file needs and a page must not have; text and lines take the page's colour.
    drawing = figures[name][figures[name].index("<svg") :]
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'\bid="(?!m[0-9a-f]{10}|p[0-9a-f]{10})[^"]*"', "", drawing)
    drawing = drawing.replace(INK, "currentColor")
    label = f'<svg role="img" aria-label="{escape(caption)}"'
    drawing = drawing.replace("<svg", label, 1)
    opening = '<figure class="wide">' if is_wide else "<figure>"
    return f"{opening}{drawing}<figcaption>{escape(caption)}</figcaption></figure>"


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return escape(str(cell))


def _class(cell: Cell) -> str:
    return ' class="number"' if cell is None or isinstance(cell, (int, float)) else ""

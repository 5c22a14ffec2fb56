"""The page for whoever comes without a recruitment id: it asks for it.

What is typed becomes part of the address, as if the platform had sent it. So the page needs no
script, and what holds for links (a reload, a second window) holds for it, too.
"""

from urllib.parse import urlencode

from flask import Flask, Response, make_response, render_template, request

from interactive_gym.options.panels import Panel, Recruitment
from interactive_gym.options.recruitment_id import MAX_LENGTH, recruitment_id

FIELD = "typed_id"
"""The name of the form's only field."""

MAX_BYTES = 8_000
"""Longer forms are not read."""


def page(
    panel: Panel, *, title: str, base: str, typed: str | None = None, status: int = 200
) -> Response:
    """Return the page.

    Args:
        panel: says how the id is asked for.
        title: the page's title.
        base: the path of the experiment, or empty.
        typed: what was typed and cannot be an id; None at first.
        status: the answer's status.
    """
    content = render_template(
        "ask_id.html",
        panel=panel,
        title=title,
        base=base,
        field=FIELD,
        typed=typed,
        max_length=MAX_LENGTH,
    )
    response = make_response(content, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def register(app: Flask, rules: Recruitment, *, title: str, base: str) -> None:
    """Add the route that takes what was typed to *app*."""

    def take() -> Response:
        request.max_content_length = MAX_BYTES
        typed = request.form.get(FIELD, "")[: MAX_LENGTH + 1]
        found = recruitment_id({FIELD: [rules.panel.typed_id(typed)]}, [FIELD])
        if found is None or not rules.panel.fits(found):
            return page(rules.panel, title=title, base=base, typed=typed, status=422)
        others = [
            (name, value)
            for name, value in request.args.items(multi=True)
            if name not in rules.id_parameters
        ]
        query = urlencode([(rules.id_parameters[0], found), *others])
        # Relative, so that it also works under a path of which only the proxy knows.
        return Response(status=303, headers={"Location": f"?{query}"})

    app.add_url_rule("/", "take_id", take, methods=["POST"])

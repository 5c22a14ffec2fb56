"""Serves the wheels of the experiment's scenes, so that browsers load nothing from elsewhere.

A wheel's address holds its hash, so browsers may cache it for ever.
"""

from collections.abc import Iterable

from flask import Flask, Response, abort, send_file

from interactive_gym.packages.package import BrowserPackage


def register(app: Flask, packages: Iterable[BrowserPackage]) -> None:
    """Add the route to *app*."""
    files = {(package.sha256, package.file.name): package.file for package in packages}

    def package(sha256: str, name: str) -> Response:
        file = files.get((sha256, name))
        if file is None:
            abort(404)
        response = send_file(file, mimetype="application/zip")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.add_url_rule("/packages/<sha256>/<name>", "package", package)

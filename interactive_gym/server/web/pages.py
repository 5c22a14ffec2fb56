"""The HTTP routes: the page, the runtime archive, images and the health check."""

import gzip
import logging

from flask import (
    Flask,
    Response,
    abort,
    make_response,
    render_template,
    request,
    send_from_directory,
)
from werkzeug.exceptions import NotFound

from interactive_gym import __version__
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.options.link_parameters import link_parameters
from interactive_gym.options.recruitment_id import recruitment_id
from interactive_gym.packages.runtime import RuntimeBundle, pyodide_url
from interactive_gym.scenes.device_check import DeviceCheck
from interactive_gym.scenes.scene_html import inert_parts
from interactive_gym.server.participants.registry import ParticipantRegistry
from interactive_gym.server.web import ask_id, static_files
from interactive_gym.server.web.base_path import WrongPaths

logger = logging.getLogger(__name__)

_TYPES = {
    ".wasm": "application/wasm",
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
}


def register(
    app: Flask, config: ExperimentConfig, participants: ParticipantRegistry, runtime: RuntimeBundle
) -> None:
    """Add the routes to *app*."""
    assets_dirs = {
        scene.scene_id: scene.assets_dir for scene in config.stager.gym_scenes if scene.assets_dir
    }
    # Relative, so that the page also works under a path of which only the proxy knows.
    base = "" if config.base_path == "/" else config.base_path
    wrong_paths = WrongPaths()
    _warn_of_inert_html(config)
    scripts = static_files.folder_of_scripts()
    gzipped_runtime = gzip.compress(runtime.content, mtime=0)
    rules = config.recruitment_rules
    checks_devices = any(isinstance(scene, DeviceCheck) for scene in config.stager.scenes)

    def index() -> Response:
        query = request.args.to_dict(flat=False)
        found = recruitment_id(query, rules.id_parameters)
        if found is None and rules.asks_for_id:
            return ask_id.page(rules.panel, title=config.experiment_id, base=base)
        link = link_parameters(
            query,
            study=rules.panel.study_parameter,
            session=rules.panel.session_parameter,
            free=rules.parameters,
        )
        bootstrap = {
            "token": participants.new_token(found, link),
            "experiment_id": config.experiment_id,
            "version": __version__,
            "runtime_url": f"runtime/{runtime.digest}.zip",
            "checks_devices": checks_devices,
            "pyodide_url": pyodide_url(),
        }
        page = render_template(
            "index.html",
            bootstrap=bootstrap,
            title=config.experiment_id,
            base=base,
            scripts=scripts,
        )
        response = make_response(page)
        response.headers["Cache-Control"] = "no-store"
        return response

    def runtime_archive(digest: str) -> Response:
        if digest != runtime.digest:
            return Response("This archive is not served any more; load the page again.", 404)
        response = Response(runtime.content, mimetype="application/zip")
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            response.data = gzipped_runtime
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    def asset(scene_id: str, name: str) -> Response:
        if scene_id not in assets_dirs or name.startswith("."):
            abort(404)
        # Browsers revalidate each time by the ETag, so a changed image is seen at once.
        return send_from_directory(assets_dirs[scene_id], name)

    def health() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    def not_found(_: NotFound) -> tuple[str, int]:
        wrong_paths.note(request.path)
        return render_template("not_found.html"), 404

    def fix_type(response: Response) -> Response:
        # Some systems' MIME type tables lack these, and browsers then refuse the files.
        for ending, mimetype in _TYPES.items():
            if response.status_code == 200 and request.path.endswith(ending):
                response.mimetype = mimetype
        return response

    app.add_url_rule("/", "index", index)
    if rules.asks_for_id:
        ask_id.register(app, rules, title=config.experiment_id, base=base)
    app.add_url_rule("/runtime/<digest>.zip", "runtime_archive", runtime_archive)
    app.add_url_rule("/assets/<scene_id>/<name>", "asset", asset)
    app.add_url_rule("/health", "health", health)
    app.register_error_handler(NotFound, not_found)
    app.after_request(fix_type)


def _warn_of_inert_html(config: ExperimentConfig) -> None:
    for scene in config.stager.scenes:
        for part in (part for html in scene.html for part in inert_parts(html)):
            logger.warning(
                "The HTML of the scene %r has %s, which browsers ignore: pages run no scripts but "
                "the experiment's own.",
                scene.scene_id,
                part,
            )

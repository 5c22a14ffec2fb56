"""An nginx of the test's own on loopback, with a certificate that it has made itself.

Debian's program, with its own folder and configuration: nothing of the machine's own nginx is read,
used or changed. It ends with its context.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.e2e.patience import PATIENCE_S
from tests.support.e2e.product import free_port
from tests.support.paths import DOCS

DEPLOYMENT = DOCS / "deployment.md"
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
"""Debian's users do not have nginx's folder on their path."""

_AROUND = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{servers}
}}
"""


def nginx_problem() -> str | None:
    """Why there can be no nginx on this machine."""
    for program in ("nginx", "openssl"):
        if not shutil.which(program, path=_PATH):
            return f"{program} is missing: install the package {program}."
    return None


def documented(heading: str) -> str:
    """The nginx configuration in the docs under *heading*."""
    text = DEPLOYMENT.read_text()
    (block,) = re.findall(rf"## {heading}\n.*?```nginx\n(.*?)```", text, re.DOTALL)[:1]
    return str(block)


class Nginx:
    """A running nginx; used as a context manager."""

    def __init__(self, folder: Path, configuration: str, ports: Mapping[int, int]) -> None:
        """Prepare it.

        Args:
            folder: for its files.
            configuration: what goes into ``http { }``: servers that listen on port 443 or 80 of
                ``study.example.org``, as one writes it on a machine of one's own.
            ports: the ports of experiments that the configuration names, and the real ones.
        """
        self._folder = folder
        folder.mkdir()
        self._port = free_port("127.0.0.1")
        certificate, key = folder / "own.crt", folder / "own.key"
        _make_certificate(certificate, key)
        changes = {
            r"\blisten (443|80)\b": f"listen 127.0.0.1:{self._port}",
            r"\bserver_name [^;]*": "server_name localhost",
            r"\bssl_certificate [^;]*": f"ssl_certificate {certificate}",
            r"\bssl_certificate_key [^;]*": f"ssl_certificate_key {key}",
            **{rf"127\.0\.0\.1:{old}\b": f"127.0.0.1:{new}" for old, new in ports.items()},
        }
        for pattern, replacement in changes.items():
            configuration = re.sub(pattern, replacement, configuration)
        (folder / "nginx.conf").write_text(_AROUND.format(servers=configuration))
        scheme = "https" if "ssl_certificate" in configuration else "http"
        self.url = f"{scheme}://localhost:{self._port}/"
        """The address of its server."""

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return (self._folder / "nginx.log").read_text()

    def __enter__(self) -> "Nginx":
        program = str(shutil.which("nginx", path=_PATH))
        command = [program, "-p", str(self._folder), "-c", "nginx.conf", "-e", "stderr"]
        with (self._folder / "nginx.log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + PATIENCE_S
        while not self._listens():
            assert self._process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port)).close()
        except OSError:
            return False
        return True


def _make_certificate(certificate: Path, key: Path) -> None:
    """Make a certificate for localhost that nobody else has signed."""
    command = [
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        *("-keyout", str(key), "-out", str(certificate)),
    ]
    subprocess.run(command, check=True, capture_output=True)

"""A JupyterLab on loopback, with its settings, token and notebooks in a temporary folder."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path

import nbformat
from playwright.sync_api import Page, expect

from tests.browser.pages import PATIENCE, wait_until

OPTIONS = [
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]


class Lab:
    """A running JupyterLab.

    Attributes:
        address: The start of the address of every request that its pages may make.
    """

    def __init__(self, folder: Path, port: int, token: str):
        self.folder, self.address, self._token = folder, f"http://127.0.0.1:{port}/", token

    def write_notebook(self, name: str, cells: Sequence[str]) -> None:
        """Write a notebook of code cells into its folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)

    def open(self, page: Page, name: str) -> None:
        """Show a notebook without the side bars, and wait for its kernel to be ready."""
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{self.address}doc/tree/{name}?token={self._token}")
        # The notebook's own indicator is idle even before there is a kernel, and Run All would then ask for one
        ready = page.get_by_role("button", name=re.compile(r"Python 3.* \| Idle"))
        expect(ready).to_be_visible(timeout=PATIENCE * 1000)

    def open_in_notebook_7(self, page: Page, name: str) -> None:
        """Show a notebook as Jupyter Notebook does, on the same server, and wait for its kernel to be idle."""
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{self.address}notebooks/{name}?token={self._token}")

        def idle() -> bool:
            sessions = json.load(self._ask("GET", "api/sessions"))
            return any(s["path"] == name and s["kernel"]["execution_state"] == "idle" for s in sessions)

        wait_until(page, idle, "the kernel is idle")

    def run_all(self, page: Page) -> None:
        """Choose Run All Cells in the menu."""
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def wait_for_end(self, page: Page) -> None:
        """Wait until every code cell has run."""
        waiting = page.locator(".jp-CodeCell .jp-InputPrompt").filter(has_text="[*]")
        expect(waiting).not_to_have_count(0)
        expect(waiting).to_have_count(0, timeout=5 * PATIENCE * 1000)

    def outputs(self, page: Page, name: str) -> list[dict]:
        """Save the notebook and read all outputs of its cells from the file."""
        path = self.folder / name
        before = path.stat().st_mtime_ns
        page.keyboard.press("Control+s")
        wait_until(page, lambda: path.stat().st_mtime_ns != before and is_json(path), "the notebook was saved")
        notebook = json.loads(path.read_text())
        return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]

    def stop_kernels(self) -> None:
        """Shut down every kernel, as the list of running kernels does, and forget which notebook had it."""
        for session in json.load(self._ask("GET", "api/sessions")):
            self._ask("DELETE", f"api/sessions/{session['id']}").close()

    def _ask(self, method: str, path: str) -> HTTPResponse:
        headers = {"Authorization": f"token {self._token}"}
        request = urllib.request.Request(self.address + path, headers=headers, method=method)
        return urllib.request.urlopen(request, timeout=60)


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """Start JupyterLab on a free port, and stop it and its kernels after the block."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    token = secrets.token_hex(16)
    settings = {f"JUPYTER_{name}_DIR": str(folder / ".jupyter" / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    notifications = folder / ".jupyter/CONFIG/lab/user-settings/@jupyterlab/apputils-extension"
    notifications.mkdir(parents=True)
    (notifications / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')  # otherwise it asks
    environment = {**os.environ, **settings, "JUPYTER_TOKEN": token, "IPYTHONDIR": str(folder / ".ipython")}
    environment |= {"INFOGAN_FAST": "1", "MPLCONFIGDIR": str(folder / ".matplotlib")}
    command = [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--ServerApp.port={port}"]
    with open(folder / "lab.log", "wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for_answer(f"http://127.0.0.1:{port}/api?token={token}", process, folder / "lab.log")
        yield Lab(folder, port, token)
    finally:
        process.terminate()  # JupyterLab stops its kernels
        process.wait(30)


def is_json(path: Path) -> bool:
    """Whether a file is complete. JupyterLab writes notebooks in place."""
    try:
        json.loads(path.read_text())
    except json.JSONDecodeError:
        return False
    return True


def wait_for_answer(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")

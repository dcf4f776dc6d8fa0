"""A small city of its own, with a server of its own: what a test loads into it no other test counts."""

import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.request

from portal import Portal


class OwnCity:
    """A demonstration city in a folder, served until it is closed."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.server = None
        self.url = None
        self.run("demo", "--data", self.data, "--scale", "0.02")

    def run(self, *words):
        """One command of the platform, which must answer yes."""
        command = [os.environ["PUJIANG_BIN"], *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def load(self, feed, file):
        """Puts a file into the inbox of a feed and loads it."""
        inbox = self.data / "inbox" / feed
        inbox.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, inbox / pathlib.Path(file).name)
        self.run("ingest", "run", feed, "--data", self.data)

    def report(self, name, period, out):
        """Renders a report and hands back its files by name."""
        out = self.folder / out
        self.run("report", "run", name, "--period", period, "--data", self.data, "--out", out)
        return {file.name: file for file in out.iterdir()}

    def serve(self):
        """Starts the server on a free port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        words = ["serve", "--data", str(self.data), "--listen", f"127.0.0.1:{port}", "--pg-listen", "127.0.0.1:0"]
        self.server = subprocess.Popen(
            [os.environ["PUJIANG_BIN"], *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            try:
                urllib.request.urlopen(self.url + "/readyz", timeout=5).close()
                return
            except OSError:
                assert self.server.poll() is None, "the server ended while it started"
                time.sleep(0.2)
        raise AssertionError("the server did not become ready")

    def portal(self, account):
        """A logged-in account of this city."""
        return Portal(account, self.url)

    def close(self):
        """Stops the server."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(30)

"""A Superset of its own: started on a free port with an empty metadata store, asked over its REST interface."""

import json
import os
import pathlib
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent


class Superset:
    """The running service and one administrator in it."""

    def __init__(self, home):
        self.bin = pathlib.Path(os.environ["PUJIANG_SUPERSET_VENV"]) / "bin"
        self.password = secrets.token_hex(16)
        self.log = pathlib.Path(home) / "superset.log"
        self.environment = dict(
            os.environ,
            SUPERSET_HOME=str(home),
            SUPERSET_SECRET_KEY=secrets.token_hex(32),
            SUPERSET_CONFIG_PATH=str(HERE / "superset_config.py"),
            FLASK_APP="superset",
        )
        self.prepare("db", "upgrade")
        names = ["--username", "admin", "--firstname", "Ad", "--lastname", "Min", "--email", "admin@example.org"]
        self.prepare("fab", "create-admin", *names, "--password", self.password)
        self.prepare("init")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [self.bin / "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"]
        command += ["--threads", "4", "--timeout", "180", "superset.app:create_app()"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=self.log.open("a"), stderr=subprocess.STDOUT)
        self.token = None
        self.wait()
        login = {"username": "admin", "password": self.password, "provider": "db", "refresh": False}
        self.token = self.call("POST", "/api/v1/security/login", login)["access_token"]

    def prepare(self, *arguments):
        """One of Superset's own commands, to its end."""
        with self.log.open("a") as log:
            done = subprocess.run([self.bin / "superset", *arguments], env=self.environment, stdout=log, stderr=log)
        assert done.returncode == 0, f"superset {arguments[0]}:\n{self.tail()}"

    def tail(self):
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])

    def wait(self):
        """Until it answers."""
        for _ in range(180):
            assert self.process.poll() is None, f"Superset ended:\n{self.tail()}"
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=5).read()
                return
            except OSError:
                time.sleep(1)
        raise AssertionError(f"Superset did not start:\n{self.tail()}")

    def call(self, method, path, body=None):
        """Sends JSON, returns JSON; a refusal fails with what Superset said."""
        request = urllib.request.Request(self.url + path, method=method)
        if self.token:
            request.add_header("authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            request.add_header("content-type", "application/json")
            data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=180) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}\n{self.tail()}") from None

    def stop(self):
        """Ends it."""
        self.process.terminate()
        self.process.wait(timeout=30)

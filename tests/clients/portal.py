"""The portal over HTTP: what the same account is answered there, to compare the wire with."""

import json
import os
import urllib.error
import urllib.request


class Refused(Exception):
    """A problem answer."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem


class Portal:
    """One logged-in account."""

    def __init__(self, account, url=None):
        self.account = account
        self.url = url or os.environ["PUJIANG_URL"]
        self.token = None
        opened = self.post("/api/v1/session", {"account": account, "password": os.environ["PUJIANG_DEMO_PASSWORD"]})
        self.token = opened["token"]
        self.principal = opened["principal"]

    def call(self, method, path, body=None):
        """Sends JSON, returns JSON."""
        request = urllib.request.Request(self.url + path, method=method)
        if self.token:
            request.add_header("authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            request.add_header("content-type", "application/json")
            data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.loads(error.read() or b"{}")) from None

    def post(self, path, body):
        """POST of JSON."""
        return self.call("POST", path, body)

    def rows(self, sql):
        """Rows of a statement, decimals as text as HTTP carries them."""
        answer = self.post("/api/v1/sql", {"sql": sql})
        assert not answer["truncated"], "the comparison would be of a part only"
        return [tuple(row) for row in answer["rows"]]

    def value(self, sql):
        """The only cell of a statement."""
        [(value,)] = self.rows(sql)
        return value

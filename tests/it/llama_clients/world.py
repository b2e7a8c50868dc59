"""What a test has to itself: a key, clients with it, and the control plane of the key's world."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

# The server's clock while it goes by itself: a second of a client's sleep is a minute.
RATE = 60
# Longer than any extraction lasts by itself, in the world's time.
A_WHILE = "10m"
# One for all, since each takes its time to read the certificates that nobody needs here.
HTTP = httpx.Client(trust_env=False, verify=False, timeout=30)


class World:
    def __init__(self, base, key, make):
        self.base = base
        self.key = key
        self._make = make
        self._closing = []
        self.client = self.another()

    def another(self, key=None, **options):
        """A further client, of this key or another."""
        client = self._make(self.base, key or self.key, **options)
        if hasattr(client, "close"):
            self.closing(client.close)
        return client

    def closing(self, close):
        """What is to be done when the test is over."""
        self._closing.append(close)

    def listening(self, answer=200, fetched=b""):
        """An endpoint on this machine that keeps what it is sent."""
        endpoint = Endpoint(answer, fetched)
        self.closing(endpoint.close)
        return endpoint

    def close(self):
        for close in reversed(self._closing):
            close()

    def ask(self, method, path, key=None, **rest):
        """What the client of the suite has no call for."""
        headers = {"authorization": f"Bearer {key or self.key}"}
        return HTTP.request(method, f"{self.base}{path}", headers=headers, **rest)

    # The control plane

    def control(self, method, path, body=None, **query):
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        params = {"key": self.key, **query}
        answer = HTTP.request(method, f"{self.base}/_rehearsal/{path}", params=params, content=content)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def is_there(self):
        """Whether any request was let in with the test's key."""
        return HTTP.get(f"{self.base}/_rehearsal/clock", params={"key": self.key}).is_success

    def stand_still(self):
        self.control("PATCH", "clock", {"mode": "manual"})

    def go_on(self):
        self.control("PATCH", "clock", {"mode": "scaled", "rate": RATE})

    def advance(self, time=A_WHILE):
        self.control("PATCH", "clock", {"advance": time})

    def seen(self, look, last, step="200ms", steps=1_000):
        """What a look shows from now on, in small steps of the world's time, until it is the last thing to be seen."""
        shown = [look()]
        while shown[-1] != last and steps:
            self.advance(step)
            now, steps = look(), steps - 1
            shown += [now] if now != shown[-1] else []
        return shown

    def scenario(self, text):
        """Begins this world again by a scenario."""
        self.control("PUT", "scenario", "version: 1\n" + text, reset="true")

    def fault(self, operation, **fault):
        """From here on this goes wrong, the first time unless it says otherwise."""
        match = {"operation": f"llama-extract.{operation}"}
        self.control("POST", "faults", {"match": match, "when": {"first": 1}, **fault})

    def requests(self, operation=None):
        """The journal of what was asked, in order."""
        query = {"operation": f"llama-extract.{operation}"} if operation else {}
        return self.control("GET", "requests", limit=1000, **query)["requests"]

    def operations(self):
        """What was answered well, by the contract's names."""
        return {
            entry["operation"].removeprefix("llama-extract.")
            for entry in (self.requests() if self.is_there() else [])
            if entry["operation"] and entry["status"] and entry["status"] < 300
        }


class Endpoint:
    """Keeps what it is sent and answers it, with one status or with several in turn, of which the last stays."""

    def __init__(self, answer, fetched):
        self.deliveries = queue.Queue()
        answers = list(answer) if isinstance(answer, (list, tuple)) else [answer]
        deliveries = self.deliveries

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                deliveries.put(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
                self.end_headers()

            def do_GET(self):
                self.send_response(answers[0])
                self.send_header("content-length", str(len(fetched)))
                self.end_headers()
                self.wfile.write(fetched)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def next(self):
        """The next delivery: its headers and its body."""
        return self.deliveries.get(timeout=10)

    def close(self):
        self._server.shutdown()
        self._server.server_close()

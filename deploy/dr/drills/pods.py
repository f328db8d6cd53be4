"""Pods on one machine: server processes that are restarted when they end, and a front that sends to the ready ones in turn."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BODY = json.dumps({
    "jsonrpc": "2.0", "id": 1, "method": "tools/call",
    "params": {
        "name": "server_status", "arguments": {},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "dr-drill", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    },
})
HEADERS = {
    "content-type": "application/json", "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "server_status",
}


def server_program():
    """MCP_SERVER, or what `cargo build --release` made."""
    path = pathlib.Path(os.environ.get("MCP_SERVER", REPOSITORY / "target/release/mcp-server"))
    if not path.is_file():
        raise SystemExit(f"{path} is not there: build it with `cargo build --release`, or set MCP_SERVER")
    return path


class Pod:
    """One server process, and whether it may be sent to. Its supervisor is what the kubelet would be."""

    def __init__(self, folder, name, zone):
        self.folder, self.name, self.zone = folder, name, zone
        self.log = folder / f"{name}.log"
        self.ready = False
        self.wanted = True
        self.lock = threading.Lock()
        self.start()
        self.supervisor = threading.Thread(target=self.supervise, daemon=True)
        self.supervisor.start()

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "MCP_SERVER"))}
        # The kernel chooses, and the server says what: a port that was looked up before could be another program's by now.
        for door in ("LISTEN", "METRICS_LISTEN"):
            environment[f"MCP_SERVER__SERVER__{door}"] = "127.0.0.1:0"
        with open(self.log, "ab") as log:
            self.log_begins = log.tell()
            self.process = subprocess.Popen([server_program(), "serve"], env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.port = None

    def supervise(self):
        while self.wanted:
            with self.lock:
                if self.wanted and self.process.poll() is not None:
                    self.ready = False
                    self.start()
            try:
                self.port = self.port or self.find_port()
                self.ready = self.ask("GET", "/health/ready", None, {}) == 200
            except OSError:
                self.ready = False
            time.sleep(0.1)
        self.ready = False

    def said(self):
        """What the process has written since it was started."""
        return self.log.read_bytes()[self.log_begins:].decode(errors="replace")

    def find_port(self):
        listening = re.search(r"^listening on http://127\.0\.0\.1:(\d+)/", self.said(), re.MULTILINE)
        return listening and int(listening[1])

    def ask(self, method, path, body, headers, limit=5):
        port = self.port
        if port is None:
            raise ConnectionRefusedError(f"{self.name} does not listen yet")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status if b'"isError":true' not in text else 500
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def crash(self):
        """Ends the process; the supervisor starts it again."""
        self.process.send_signal(signal.SIGKILL)

    def lose(self):
        """The machine is gone: nobody starts it again."""
        with self.lock:
            self.wanted = False
            self.ready = False
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


class Front:
    """Sends each call to the next ready pod, and to another one when that one breaks before it has answered."""

    def __init__(self, pods):
        self.pods = list(pods)
        self.turn = 0

    def call(self):
        """True when some pod answered."""
        for _ in range(len(self.pods)):
            ready = [pod for pod in self.pods if pod.ready]
            if not ready:
                return False
            self.turn += 1
            try:
                return ready[self.turn % len(ready)].ask("POST", "/mcp", BODY, HEADERS) == 200
            except OSError:
                continue
        return False

    def wait_for(self, count, limit=120):
        """Waits until so many pods are ready."""
        end = time.monotonic() + limit
        while sum(pod.ready for pod in self.pods) < count:
            if time.monotonic() > end:
                said = [f"{pod.name} said:\n{pod.said()}" for pod in self.pods if not pod.ready]
                raise RuntimeError("\n".join([f"after {limit} s fewer than {count} pods are ready", *said]))
            time.sleep(0.05)

    def close(self):
        for pod in self.pods:
            if pod.wanted:
                pod.lose()

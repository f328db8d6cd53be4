"""Pods on one machine: server processes that are restarted when they end, and a front that sends to the ready ones in turn."""

import http.client
import json
import os
import pathlib
import signal
import socket
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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pod:
    """One server process, and whether it may be sent to. Its supervisor is what the kubelet would be."""

    def __init__(self, folder, name, zone):
        self.folder, self.name, self.zone = folder, name, zone
        self.port, self.metrics_port = free_port(), free_port()
        self.ready = False
        self.wanted = True
        self.process = None
        self.start()
        self.supervisor = threading.Thread(target=self.supervise, daemon=True)
        self.supervisor.start()

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "MCP_SERVER"))}
        environment["MCP_SERVER__SERVER__LISTEN"] = f"127.0.0.1:{self.port}"
        environment["MCP_SERVER__SERVER__METRICS_LISTEN"] = f"127.0.0.1:{self.metrics_port}"
        log = open(self.folder / f"{self.name}.log", "ab")
        self.process = subprocess.Popen([server_program(), "serve"], env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def supervise(self):
        while self.wanted:
            if self.process.poll() is not None:
                self.ready = False
                self.start()
            try:
                self.ready = self.ask("GET", "/health/ready", None, {}) == 200
            except OSError:
                self.ready = False
            time.sleep(0.1)

    def ask(self, method, path, body, headers, limit=5):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=limit)
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
                raise RuntimeError(f"after {limit} s fewer than {count} pods are ready")
            time.sleep(0.05)

    def close(self):
        for pod in self.pods:
            if pod.wanted:
                pod.lose()

"""Asks a running server the held-out questions of evaluate.py, so that schema, grammar and post-check count too.

The server must offer this model alone. Usage: through_server.py http://127.0.0.1:8080/mcp --n 100
"""

import argparse
import json
import urllib.request

import contacts
import evaluate
import orders
import rfq
import tickets


class Client:
    """Just enough of MCP: a session, and calls of tools."""

    def __init__(self, url):
        self.url, self.session, self.id = url, None, 0
        self.send("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "evaluate", "version": "1"}})
        self.send("notifications/initialized")

    def send(self, method, params=None):
        message = {"jsonrpc": "2.0", "method": method}
        if not method.startswith("notifications/"):
            self.id += 1
            message["id"] = self.id
        if params is not None:
            message["params"] = params
        headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
        if self.session:
            headers |= {"mcp-session-id": self.session, "mcp-protocol-version": "2025-11-25"}
        with urllib.request.urlopen(urllib.request.Request(self.url, json.dumps(message).encode(), headers)) as answer:
            self.session = answer.headers.get("mcp-session-id") or self.session
            body = answer.read().decode()
        events = [line[5:] for line in body.splitlines() if line.startswith("data:") and line[5:].strip()]
        return json.loads(events[-1] if events else body) if body.strip() else None

    def call(self, tool, arguments):
        result = self.send("tools/call", {"name": tool, "arguments": arguments})["result"]
        return None if result.get("isError") else result["structuredContent"]


def arguments(example):
    name, value = example["headers"].rstrip("\n").split(": ", 1)
    labels = {"labels": value.split(", ")} if name == "labels" else {"preset": value}
    return {"text": example["text"], **labels}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("url")
    p.add_argument("--n", type=int, default=100)
    a = p.parse_args()
    client, score = Client(a.url), evaluate.Score()
    for task in (tickets, rfq, orders, contacts):
        w = evaluate.corpus.World(evaluate.SEED, held_out=True)
        for _ in range(a.n):
            example = task.sample(w)
            found = client.call(example["tool"], arguments(example))
            score.add(f"{task.__name__} answered", found is not None)
            answer = found.get("data", found) if found else {}
            evaluate.compare(task, example, json.dumps(answer), score)
    for e in evaluate.by_hand():
        found = client.call("classify_ticket", {"text": e["text"]}) or {}
        score.add("ticket label, written by hand", found.get("label") == e["label"])
    score.show()


if __name__ == "__main__":
    main()

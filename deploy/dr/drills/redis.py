"""A real Redis on a Unix socket: what pods share. Losing it costs no ledger row, but budgets and sessions."""

import os
import signal
import time

import postgresql


class Redis:
    """One Redis, in a folder that holds its data and its socket."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "redis.sock"

    @classmethod
    def start(cls, folder):
        redis = cls(postgresql.make_folder(folder))
        options = ["--port", "0", "--unixsocket", redis.socket, "--dir", folder, "--save", "", "--daemonize", "yes", "--pidfile", folder / "redis.pid", "--logfile", folder / "redis.log"]
        postgresql.run("redis-server", *options)
        redis.wait()
        return redis

    def command(self, *words):
        return postgresql.run("redis-cli", "-s", self.socket, *words).strip()

    def wait(self, limit=30):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            try:
                if self.command("ping") == "PONG":
                    return
            except RuntimeError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"Redis in {self.folder} does not answer")

    def kill(self):
        try:
            os.kill(int((self.folder / "redis.pid").read_text()), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass

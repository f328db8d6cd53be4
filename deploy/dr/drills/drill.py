"""What every drill shares: callers whose calls are written to a ledger, an incident, and the measuring of both."""

import pathlib
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field

import pods
import postgresql
import redis
from limits import RECOVERY_TABLE, WAITS

ZONES = ("a", "b", "c")


@dataclass
class Result:
    """One scenario's outcome, beside its limits."""

    scenario: str
    measured: float
    rows_acknowledged: int
    rows_lost: int
    data_loss: float
    notes: list = field(default_factory=list)

    @property
    def waits(self):
        return sum(WAITS[self.scenario].values())

    @property
    def recovery_time(self):
        return self.measured + self.waits

    def failures(self):
        limit = RECOVERY_TABLE[self.scenario]
        failures = []
        if self.recovery_time > limit.recovery_time:
            failures.append(f"service was back after {self.recovery_time:.1f} s; {limit.recovery_time:.0f} s are allowed")
        if self.data_loss > limit.data_loss or (limit.data_loss == 0 and self.rows_lost):
            failures.append(f"{self.rows_lost} acknowledged rows over {self.data_loss:.1f} s are lost; {limit.data_loss:.0f} s are allowed")
        return failures


class Ledger:
    """Where rows go now. Replaced when another server takes over, as the pods' configuration or the service's address is."""

    def __init__(self, server):
        self.server = server
        self.connection = postgresql.Connection(server)
        self.lock = threading.Lock()

    def record(self, call):
        with self.lock:
            if not self.connection.record(call, limit=2):
                self.reconnect()
                return False
            return True

    def reconnect(self):
        self.connection.close()
        self.connection = postgresql.Connection(self.server)

    def move(self, server):
        with self.lock:
            self.server = server
            self.reconnect()


class Callers(threading.Thread):
    """Calls a pod through the front, then writes the call's row; a row counts once the server has said that it is kept."""

    def __init__(self, front, ledger):
        super().__init__(daemon=True)
        self.front, self.ledger = front, ledger
        self.acknowledged = {}
        self.failed = []
        self.going = True

    def run(self):
        call = 0
        while self.going:
            call += 1
            while self.going and not self.front.call():
                self.failed.append(time.monotonic())
                time.sleep(0.02)
            while self.going and not self.ledger.record(call):
                self.failed.append(time.monotonic())
                time.sleep(0.02)
            if self.going:
                self.acknowledged[call] = time.monotonic()

    def wait_for(self, count, limit=120):
        """Waits until so many more calls were acknowledged."""
        goal, end = len(self.acknowledged) + count, time.monotonic() + limit
        while len(self.acknowledged) < goal:
            if time.monotonic() > end:
                raise RuntimeError(f"{count} calls were not acknowledged within {limit} s")
            time.sleep(0.02)

    def stop(self):
        self.going = False
        self.join(timeout=30)

    def first_after(self, moment):
        """When the first call after that moment was acknowledged."""
        return min(at for at in self.acknowledged.values() if at > moment)


class Site:
    """A running platform: pods in three zones, a primary with a standby in another zone, a replica in another region, Redis."""

    def __init__(self, replica=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dr-"))
        self.folder.chmod(0o711)
        if "user" in postgresql.ACCOUNT:
            shutil.chown(self.folder, postgresql.ACCOUNT["user"])
        self.servers = []
        self.primary = self.keep(postgresql.Server.primary(self.folder / "primary"))
        self.standby = self.keep(postgresql.Server.standby(self.folder / "standby", self.primary, "standby"))
        # From here on a row is acknowledged only when the standby has it too.
        self.primary.query("alter system set synchronous_standby_names = 'standby'")
        self.primary.query("select pg_reload_conf()")
        self.primary.wait_until("select count(*) = 1 from pg_stat_replication where sync_state = 'sync'")
        self.replica = self.keep(postgresql.Server.standby(self.folder / "replica", self.primary, "replica")) if replica else None
        self.redis = self.keep(redis.Redis.start(self.folder / "redis"))
        self.front = pods.Front(pods.Pod(self.folder, f"pod-{zone}", zone) for zone in ZONES)
        self.front.wait_for(len(ZONES))
        self.ledger = Ledger(self.primary)
        self.callers = Callers(self.front, self.ledger)
        self.callers.start()
        self.callers.wait_for(50)

    def keep(self, server):
        self.servers.append(server)
        return server

    def result(self, scenario, incident, back, server, notes=()):
        """Compares what was acknowledged with what the ledger has now."""
        self.callers.stop()
        known = server.calls()
        lost = {call: at for call, at in self.callers.acknowledged.items() if call not in known}
        # From the first row that is gone to the incident: what "data loss" means for someone who lost it.
        data_loss = max(0.0, incident - min(lost.values())) if lost else 0.0
        return Result(scenario, back - incident, len(self.callers.acknowledged), len(lost), data_loss, list(notes))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        callers = getattr(self, "callers", None)
        if callers:
            callers.stop()
        if hasattr(self, "front"):
            self.front.close()
        for server in self.servers:
            server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

"""Real PostgreSQL servers on Unix sockets in a folder of ours, and the ledger that a drill writes."""

import os
import pathlib
import pwd
import select
import shutil
import signal
import subprocess
import time

STEPS = pathlib.Path(__file__).resolve().parent.parent / "steps"
LEDGER = "create table ledger (call bigint primary key, at timestamptz not null default clock_timestamp())"
CONFIGURATION = """
listen_addresses = ''
wal_level = replica
archive_mode = on
archive_timeout = 30s
max_wal_senders = 8
hot_standby = on
shared_buffers = 16MB
max_connections = 30
synchronous_commit = on
# As Azure has it, no: a lost machine must not lose what was acknowledged.
fsync = on
"""


def programs():
    """PATH with PostgreSQL's server programs in front; Debian keeps them out of it."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    return os.pathsep.join([*map(str, found[-1:]), os.environ["PATH"]])


ENVIRONMENT = {**os.environ, "PATH": programs(), "PGUSER": "postgres", "PGDATABASE": "postgres", "PGCONNECT_TIMEOUT": "5"}


def account():
    """PostgreSQL refuses to run as root; then it runs as its own user, or as nobody."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            return {"user": pwd.getpwnam(name).pw_uid}
        except KeyError:
            continue
    raise SystemExit("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")


ACCOUNT = account()


def run(*command, timeout=600):
    """Runs a program to its end; what went wrong is told in its own words."""
    ended = subprocess.run(
        list(map(str, command)), env=ENVIRONMENT, **ACCOUNT, cwd="/", text=True, timeout=timeout,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    if ended.returncode != 0:
        raise RuntimeError(f"{pathlib.Path(str(command[0])).name} failed: {ended.stderr.strip() or ended.stdout.strip()}")
    return ended.stdout


def step(name, *arguments):
    """Runs one step of the runbook."""
    return run(STEPS / f"{name}.sh", *arguments)


def make_folder(path):
    path.mkdir(parents=True)
    if "user" in ACCOUNT:
        os.chown(path, ACCOUNT["user"], -1)
    path.chmod(0o700)
    return path


class Server:
    """One PostgreSQL, in a folder that holds its data and its socket."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        self.archive = folder / "archive"

    @classmethod
    def primary(cls, folder):
        """A new primary that archives its log and has a table of calls."""
        server = cls(make_folder(folder))
        make_folder(server.archive)
        run("initdb", f"--pgdata={server.data}", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        archive = f"archive_command = '{STEPS}/archive-wal.sh %p %f {server.archive}'\n"
        server.configure(CONFIGURATION + archive)
        server.start()
        server.query(LEDGER)
        return server

    @classmethod
    def standby(cls, folder, primary, name):
        """A server that follows another one."""
        server = cls(make_folder(folder))
        step("base-backup", primary.folder, server.data)
        server.configure(f"primary_conninfo = 'host={primary.folder} user=postgres application_name={name}'\narchive_mode = off\n")
        run("touch", server.data / "standby.signal")
        server.start()
        return server

    def configure(self, text):
        text += f"unix_socket_directories = '{self.folder}'\n"
        run("sh", "-c", 'printf %s "$1" >> "$2"', "sh", text, self.data / "postgresql.auto.conf")

    def start(self):
        log = self.folder / "server.log"
        try:
            run("pg_ctl", f"--pgdata={self.data}", f"--log={log}", "--wait", "start")
        except RuntimeError as error:
            said = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
            raise RuntimeError("\n".join([str(error), *said])) from error

    def query(self, text):
        return run("psql", "-X", f"--host={self.folder}", "--tuples-only", "--no-align", "--quiet", f"--command={text}").strip()

    def is_running(self):
        return (self.data / "postmaster.pid").exists()

    def kill(self):
        """Ends it as a lost machine does: no farewell, nothing flushed that was not."""
        if not self.is_running():
            return
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        # Stopped first, so that it starts no child between the list and the end.
        signalled(postmaster, signal.SIGSTOP)
        children = subprocess.run(["pgrep", "-P", str(postmaster)], text=True, stdout=subprocess.PIPE).stdout.split()
        processes = [postmaster, *map(int, children)]
        for pid in processes:
            signalled(pid, signal.SIGKILL)
        # Until all are gone, the memory that they share is in use, and the server cannot come back.
        end = time.monotonic() + 10
        while any(map(is_alive, processes)):
            if time.monotonic() > end:
                raise RuntimeError("PostgreSQL was killed 10 s ago and is still there")
            time.sleep(0.01)
        # A machine that comes back has none of these. Here they name a process that may not be collected yet.
        for left in [self.data / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")]:
            left.unlink(missing_ok=True)

    def destroy(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_until(self, question, limit=60):
        """Asks until the answer is yes."""
        end = time.monotonic() + limit
        while self.query(question) != "t":
            if time.monotonic() > end:
                raise RuntimeError(f"after {limit} s it still does not hold: {question}")
            time.sleep(0.05)

    def calls(self):
        """Every call that the ledger knows."""
        return {int(line) for line in self.query("select call from ledger").split()}


def signalled(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def is_alive(pid):
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Connection:
    """One session of psql that is kept open: a row is acknowledged when its number comes back."""

    def __init__(self, server):
        self.process = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", f"--host={server.folder}"],
            env=ENVIRONMENT, **ACCOUNT, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )

    def record(self, call, limit):
        """Writes a row; true when the server has said that it is kept."""
        # A call that was written but not acknowledged is written again, and is one row.
        text = f"insert into ledger (call) values ({call}) on conflict do nothing; select {call};\n"
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except OSError:
            return False
        ready, _, _ = select.select([self.process.stdout], [], [], limit)
        return bool(ready) and self.process.stdout.readline().strip() == str(call).encode()

    def close(self):
        self.process.kill()
        self.process.communicate()

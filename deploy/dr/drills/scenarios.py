"""One function a row of the recovery table: what is lost, and the steps that bring service back."""

import time

import pods
import postgresql
import redis
from drill import Site
from postgresql import step


def pod():
    """A pod's process ends. Whoever supervises it starts it again; calls go to the others meanwhile."""
    with Site() as site:
        incident = time.monotonic()
        site.front.pods[0].crash()
        time.sleep(0.2)
        site.front.wait_for(3)
        back = time.monotonic()
        site.callers.wait_for(20)
        failed = len(site.callers.failed)
        return site.result("pod", incident, back, site.primary, [f"{failed} calls had to be repeated by their caller"])


def node():
    """A machine with a pod is gone. The pod starts elsewhere, in the same zone or another."""
    with Site() as site:
        lost = site.front.pods[0]
        incident = time.monotonic()
        lost.lose()
        site.front.pods[0] = pods.Pod(site.folder, "pod-a-elsewhere", "b")
        site.front.wait_for(3)
        back = time.monotonic()
        site.callers.wait_for(20)
        return site.result("node", incident, back, site.primary)


def zone():
    """A zone is gone, with a pod and the primary in it. The standby of another zone takes over; nothing acknowledged is lost."""
    with Site() as site:
        incident = time.monotonic()
        site.front.pods[0].lose()
        site.primary.kill()
        refused = refuses_without_fence(site, site.standby)
        step("fence", site.primary.data)
        step("promote", site.standby.data, site.standby.folder, site.primary.folder, site.primary.data)
        site.ledger.move(site.standby)
        moved = time.monotonic()
        site.callers.wait_for(20)
        back = site.callers.first_after(moved)
        notes = [refused, old_primary_is_harmless(site.primary)]
        return site.result("zone", incident, back, site.standby, notes)


def region():
    """The region is gone: pods, primary, standby, Redis. The other region's replica is promoted, its pods are started."""
    with Site(replica=True) as site:
        backup = site.folder / "redis.rdb"
        site.redis.command("set", "budget:acme", "42")
        step("redis-backup", site.redis.socket, site.redis.folder, backup)
        incident = time.monotonic()
        for lost in site.front.pods:
            lost.lose()
        for server in (site.primary, site.standby, site.redis):
            server.kill()
        # In the other region, at once: the database, shared state, and pods, whose configuration names this region's own.
        step("fence", site.primary.data)
        step("promote", site.replica.data, site.replica.folder, site.primary.folder, site.primary.data)
        note = restore_redis(site, backup)
        site.front.pods[:] = [pods.Pod(site.folder, f"pod-dr-{number}", "dr") for number in range(3)]
        site.ledger.move(site.replica)
        moved = time.monotonic()
        site.front.wait_for(3)
        site.callers.wait_for(20)
        back = site.callers.first_after(moved)
        return site.result("region", incident, back, site.replica, [note, old_primary_is_harmless(site.primary)])


def corruption():
    """Someone deletes rows by mistake. A server is made of the last backup and the archive, as it was a moment before."""
    with Site() as site:
        backup = site.folder / "backup"
        step("base-backup", site.primary.folder, backup)
        site.callers.wait_for(50)
        before = site.primary.query("select clock_timestamp()")
        site.callers.stop()
        incident = time.monotonic()
        site.primary.query("delete from ledger where call % 2 = 0")
        # Sends the segment that holds the mistake, and what came before it, to the archive.
        site.primary.query("select pg_switch_wal()")
        site.primary.wait_until("select last_archived_wal is not null and last_archived_time > now() - interval '5 s' from pg_stat_archiver")
        restored = site.keep(postgresql.Server(postgresql.make_folder(site.folder / "restored")))
        step("restore", backup, site.primary.archive, restored.data, restored.folder, before)
        back = time.monotonic()
        deleted = len(site.callers.acknowledged) - len(site.primary.calls())
        result = site.result("corruption", incident, back, restored, [f"{deleted} rows had been deleted"])
        if deleted == 0:
            raise RuntimeError("nothing was deleted: this drill shows nothing")
        return result


def total():
    """Every server is gone. What is left is yesterday's backup and the archive, in the other region's storage."""
    with Site() as site:
        backup, shared = site.folder / "backup", site.folder / "redis.rdb"
        step("base-backup", site.primary.folder, backup)
        site.redis.command("set", "budget:acme", "42")
        step("redis-backup", site.redis.socket, site.redis.folder, shared)
        site.callers.wait_for(50)
        site.primary.query("select pg_switch_wal()")
        site.primary.wait_until("select last_archived_time > now() - interval '5 s' from pg_stat_archiver")
        # These are in no archived segment yet, and will be lost.
        site.callers.wait_for(50)
        archive = site.folder / "archive-elsewhere"
        postgresql.run("cp", "-a", site.primary.archive, archive)
        incident = time.monotonic()
        for lost in site.front.pods:
            lost.lose()
        site.redis.kill()
        site.primary.destroy()
        site.standby.destroy()
        restored = site.keep(postgresql.Server(postgresql.make_folder(site.folder / "restored")))
        step("restore", backup, archive, restored.data, restored.folder)
        note = restore_redis(site, shared)
        site.front.pods[:] = [pods.Pod(site.folder, f"pod-new-{number}", "new") for number in range(3)]
        site.ledger.move(restored)
        moved = time.monotonic()
        site.front.wait_for(3)
        site.callers.wait_for(20)
        back = site.callers.first_after(moved)
        result = site.result("total", incident, back, restored, [note])
        if result.rows_lost == 0:
            raise RuntimeError("no row was lost, although some were in no archive: this drill measures nothing")
        return result


def refuses_without_fence(site, standby):
    """Promotion must not be possible while the old primary could come back as one."""
    try:
        step("promote", standby.data, standby.folder, site.primary.folder, site.primary.data)
    except RuntimeError as refusal:
        if "is not fenced" in str(refusal):
            return "promotion was refused until the old primary was fenced"
        raise
    raise RuntimeError("the standby was promoted although the old primary was not fenced")


def old_primary_is_harmless(server):
    """Starts the old primary again, as a machine that comes back does, and tries to write to it."""
    server.start()
    try:
        server.query("insert into ledger (call) values (-1)")
    except RuntimeError as refusal:
        if "read-only" in str(refusal):
            return "the old primary came back and refused to be written to"
        raise
    raise RuntimeError("the old primary came back and took a row: it was not fenced")


def restore_redis(site, backup):
    """Starts a Redis with what the backup holds, and looks whether it does."""
    restored = site.keep(redis.Redis(postgresql.make_folder(site.folder / "redis-restored")))
    step("redis-restore", backup, restored.folder, restored.socket)
    if restored.command("get", "budget:acme") != "42":
        raise RuntimeError("the restored Redis does not hold what was saved")
    return "Redis was restored with a tenant's budget in it"


SCENARIOS = {"pod": pod, "node": node, "zone": zone, "region": region, "corruption": corruption, "total": total}

"""Loses things on purpose, brings them back by the steps of the runbook, and says how long it took and what it cost.

    python3 deploy/dr/drills                    every row of the recovery table
    python3 deploy/dr/drills zone corruption    some of them
    python3 deploy/dr/drills --json

Everything runs on this machine, in a folder that is removed at the end: real PostgreSQL (server and client programs), real
Redis, and the real server (target/release/mcp-server, or MCP_SERVER). Ends with 1 when a limit was not met.
"""

import argparse
import json
import sys

from limits import RECOVERY_TABLE, WAITS
from scenarios import SCENARIOS


def duration(seconds):
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def tell(result):
    limit = RECOVERY_TABLE[result.scenario]
    failures = result.failures()
    print(f"{result.scenario}: {'FAILED' if failures else 'ok'}")
    print(f"  back after    {duration(result.measured)} measured + {duration(result.waits)} of waiting = {duration(result.recovery_time)}; limit {duration(limit.recovery_time)}")
    for what, seconds in WAITS[result.scenario].items():
        print(f"                  {duration(seconds)}: {what}")
    print(f"  data lost     {result.rows_lost} of {result.rows_acknowledged} acknowledged rows, {duration(result.data_loss)}; limit {duration(limit.data_loss)}")
    for note in result.notes:
        print(f"  seen          {note}")
    for failure in failures:
        print(f"  FAILED        {failure}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(prog="drills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="*", help=f"one of {', '.join(SCENARIOS)}; all when none is named")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.scenario if name not in SCENARIOS]
    if unknown:
        parser.error(f"there is no scenario {unknown[0]}; it may be one of {', '.join(SCENARIOS)}")
    results = []
    for name in arguments.scenario or SCENARIOS:
        results.append(SCENARIOS[name]())
        if not arguments.json:
            tell(results[-1])
    if arguments.json:
        rows = [
            {
                "scenario": one.scenario, "measured_s": round(one.measured, 2), "waits_s": one.waits, "rto_limit_s": RECOVERY_TABLE[one.scenario].recovery_time,
                "rows_acknowledged": one.rows_acknowledged, "rows_lost": one.rows_lost, "data_loss_s": round(one.data_loss, 2),
                "rpo_limit_s": RECOVERY_TABLE[one.scenario].data_loss, "failures": one.failures(), "notes": one.notes,
            }
            for one in results
        ]
        print(json.dumps(rows, indent=2))
    return 1 if any(one.failures() for one in results) else 0


sys.exit(main())

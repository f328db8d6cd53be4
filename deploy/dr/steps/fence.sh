#!/usr/bin/env bash
# Makes sure that a lost primary cannot be written to if it comes back: fence.sh DATA
# It is stopped if it runs, and if anyone starts it again it starts as a standby.
set -euo pipefail
data=$1
if pg_ctl --pgdata="$data" status > /dev/null; then
    pg_ctl --pgdata="$data" --mode=immediate --wait stop > /dev/null
fi
touch "$data/standby.signal"

#!/usr/bin/env bash
# Makes a standby the primary: promote.sh DATA SOCKET_FOLDER OLD_SOCKET_FOLDER OLD_DATA
# Refuses while the old primary answers or is not fenced: two primaries are worse than none.
set -euo pipefail
data=$1 socket=$2 old_socket=$3 old_data=${4:-}
if pg_isready --quiet --host="$old_socket"; then
    echo "the old primary at $old_socket still answers: fence it first (fence.sh)" >&2
    exit 1
fi
if [ -n "$old_data" ] && [ -d "$old_data" ] && [ ! -e "$old_data/standby.signal" ]; then
    echo "the old primary in $old_data is not fenced: it would come back as a primary (fence.sh)" >&2
    exit 1
fi
pg_ctl --pgdata="$data" --wait --timeout=60 promote > /dev/null
# It must not wait for a standby that went with the old primary.
psql --host="$socket" --username=postgres --quiet --command="alter system set synchronous_standby_names = ''"
psql --host="$socket" --username=postgres --quiet --tuples-only --command='select pg_reload_conf()' > /dev/null

#!/usr/bin/env bash
# Makes a server out of a backup and the archive, to the end of the archive or to a point in time:
# restore.sh BACKUP ARCHIVE DATA SOCKET_FOLDER [TIME]
set -euo pipefail
backup=$1 archive=$2 data=$3 socket=$4 time=${5:-}
cp --archive --no-target-directory "$backup" "$data"
{
    echo "restore_command = 'cp \"$archive/%f\" \"%p\"'"
    echo "recovery_target_action = 'promote'"
    [ -z "$time" ] || echo "recovery_target_time = '$time'"
    # Alone until somebody decides otherwise: it neither waits for a standby nor writes into the old archive.
    echo "synchronous_standby_names = ''"
    echo "archive_mode = off"
    echo "unix_socket_directories = '$socket'"
} >> "$data/postgresql.auto.conf"
rm -f "$data/standby.signal"
touch "$data/recovery.signal"
pg_ctl --pgdata="$data" --wait --timeout=3600 --log="$data/../restore.log" start > /dev/null
# Recovery is over when it may be written to.
until [ "$(psql --host="$socket" --username=postgres --tuples-only --no-align --command='select pg_is_in_recovery()' 2> /dev/null)" = f ]; do
    pg_ctl --pgdata="$data" status > /dev/null || { echo "recovery failed, see restore.log" >&2; exit 1; }
    sleep 0.1
done

#!/usr/bin/env bash
# Takes a full backup of a running PostgreSQL and verifies it: base-backup.sh SOCKET_FOLDER BACKUP
set -euo pipefail
socket=$1 backup=$2
pg_basebackup --host="$socket" --username=postgres --pgdata="$backup" --wal-method=stream --checkpoint=fast --no-sync
pg_verifybackup --quiet "$backup"

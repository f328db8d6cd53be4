#!/usr/bin/env bash
# Starts a Redis with what a backup holds: redis-restore.sh BACKUP FOLDER SOCKET
set -euo pipefail
backup=$1 folder=$2 socket=$3
redis-check-rdb "$backup" > /dev/null
mkdir -p "$folder"
cp "$backup" "$folder/dump.rdb"
redis-server --port 0 --unixsocket "$socket" --dir "$folder" --save '' --daemonize yes --pidfile "$folder/redis.pid" --logfile "$folder/redis.log" > /dev/null
until [ "$(redis-cli -s "$socket" ping 2> /dev/null)" = PONG ]; do sleep 0.05; done

#!/usr/bin/env bash
# Saves what a running Redis holds and checks the file: redis-backup.sh SOCKET FOLDER BACKUP
set -euo pipefail
socket=$1 folder=$2 backup=$3
redis-cli -s "$socket" save > /dev/null
cp "$folder/dump.rdb" "$backup"
redis-check-rdb "$backup" > /dev/null

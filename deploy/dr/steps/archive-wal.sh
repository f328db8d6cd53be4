#!/usr/bin/env bash
# Keeps one finished segment of the write-ahead log. PostgreSQL's archive_command: archive-wal.sh %p %f ARCHIVE
set -euo pipefail
segment=$1 name=$2 archive=$3
if [ -e "$archive/$name" ]; then
    # Sent twice is fine after a crash; another content under the same name would ruin the archive.
    cmp -s "$segment" "$archive/$name"
    exit
fi
cp "$segment" "$archive/.$name.part"
sync "$archive/.$name.part"
mv "$archive/.$name.part" "$archive/$name"

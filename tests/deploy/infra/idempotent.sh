#!/usr/bin/env bash
# Runs a playbook twice on this machine and prints what the second run says it changed: idempotent.sh ANSIBLE_PLAYBOOK PLAYBOOK
# /etc and /opt are overlaid for these two runs, in a mount namespace of their own: what is written is gone with it. Who is not root becomes it in there.
set -euo pipefail
program=$1 playbook=$2
if [ -z "${OVERLAID:-}" ]; then
    namespaces=(--mount --propagation private)
    [ "$(id --user)" = 0 ] || namespaces+=(--map-root-user)
    OVERLAID=1 exec unshare "${namespaces[@]}" "$0" "$@"
fi
scratch=$(mktemp --directory)
mount -t tmpfs tmpfs "$scratch"
for folder in /etc /opt; do
    mkdir -p "$scratch$folder/upper" "$scratch$folder/work"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$scratch$folder/upper,workdir=$scratch$folder/work" "$folder"
done
mkdir -p /etc/ssh/sshd_config.d /etc/audit/rules.d /etc/sysctl.d
printf '%s\n' '[management]' 'localhost ansible_connection=local ansible_user=root environment_name=staging' > "$scratch/inventory"
settings='{"office_hours_clusters": [{"name": "cluster", "resource_group": "group"}]}'
for run in first second; do
    "$program" --inventory "$scratch/inventory" --skip-tags packages --extra-vars "$settings" "$playbook" > "$scratch/$run" || { cat "$scratch/$run"; exit 1; }
done
# What the files say must be true of the programs that read them, where those are here.
if command -v systemd-analyze > /dev/null; then
    systemd-analyze calendar 'Mon..Fri 06:30' 'Mon..Fri 20:00' > /dev/null
fi
grep -o 'changed=[0-9]*' "$scratch/first" | sed 's/^/first /'
grep -o 'changed=[0-9]*' "$scratch/second" | sed 's/^/second /'

#!/usr/bin/env bash
# Ensures that redis-server and memcached are installed, for the tests of the shared tier. On Debian, installs the packages if they are missing.
# No service is started: the tests start processes of their own.
set -euo pipefail
PATH=$PATH:/usr/sbin

if command -v redis-server >/dev/null && command -v memcached >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "redis-server or memcached is missing, so tests of the shared tier are skipped. As root on Debian, this script installs them; on other systems, install both and add them to the PATH."
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
ours=
trap 'rm -f "$log"; [ -z "$ours" ] || rm -f "$policy"' EXIT

# Debian asks this program before it starts a service: 101 means no.
if [ ! -e "$policy" ]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
fi
missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v memcached >/dev/null || missing+=(memcached)
if ! { timeout 300 apt-get update && timeout 300 apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log"
    echo "redis-server or memcached could not be installed, see above: tests of the shared tier are skipped."
    exit 0
fi

# Nor at the next boot.
if command -v systemctl >/dev/null; then
    systemctl disable "${missing[@]}" >/dev/null 2>&1 || true
fi

#!/usr/bin/env bash
# Ensures that Chromium and chromedriver are installed, for tests/Browser.Tests. On Debian, installs the packages if they are missing.
set -euo pipefail

if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "Chromium or chromedriver is missing. As root on Debian, this script installs them; on other systems, install both and add them to the PATH."
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { timeout 300 apt-get update && timeout 900 apt-get install -y --no-install-recommends chromium chromium-driver; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log"
    echo "Chromium could not be installed, see above."
    exit 1
fi

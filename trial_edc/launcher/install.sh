#!/bin/sh
# Makes .venv and installs a requirements file into it; quick when the file has not changed since.
#   install.sh requirements.txt
set -eu
cd "$(dirname "$0")/../.."
wanted=$1
stamp=.venv/installed-$(basename "$wanted")

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for name in ${PYTHON:-} python3.11 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    say "Python 3.11 is needed and was not found: install it, or name it in PYTHON."
    exit 1
}

# The requirements of development include those of production.
state=$(cat requirements.txt "$wanted" | cksum)
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$state" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        # Debian keeps venv in a package of its own.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "Installing Debian's package python3-venv"
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
            rm -rf .venv
            "$python" -m venv .venv
        else
            rm -rf .venv
            say "$python cannot make a virtual environment. On Debian: apt-get install python3-venv"
            exit 1
        fi
    fi
fi
say "Installing $wanted into .venv"
.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --requirement "$wanted"
echo "$state" >"$stamp"

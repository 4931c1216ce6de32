#!/bin/sh
# Write SDTM of a fresh demo and hold it against CDISC CORE. Needs `python3.12` (PYTHON312 names another) and CORE_CACHE,
# the folder with the published rules, standards and terminology as pickles. Takes some minutes.
set -eu
here=$(dirname "$0")
: "${CORE_CACHE:?Set CORE_CACHE to the folder with the data of the CDISC CORE project (docs/cdisc.md).}"
if [ ! -x .venv-core/bin/python ]; then
    "${PYTHON312:-python3.12}" -m venv .venv-core
    .venv-core/bin/python -m pip install --quiet --requirement requirements-core.txt
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
WORK="$work" .venv/bin/python -m trial_edc.launcher services -- sh -euc '
    .venv/bin/python manage.py migrate --database-kind=DEMO --verbosity=0
    .venv/bin/python manage.py load_demo
    .venv/bin/python manage.py export_cdisc sdtm "$WORK/sdtm.zip"
'
.venv/bin/python -m zipfile -e "$work/sdtm.zip" "$work"
.venv-core/bin/python "$here/run_core.py" "$work/sdtm/xpt" "$CORE_CACHE" "$here/findings.toml"

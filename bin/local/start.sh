#!/bin/sh
# Finds a Python that Waybill runs on, and hands over to bin/local/prepare.py.
# Use: start.sh REQUIREMENTS MODULE [ARGUMENT...]
set -eu

# A relative home is meant from where the person stands, not from the checkout.
case "${WAYBILL_HOME:-}" in
    "" | /*) ;;
    *) export WAYBILL_HOME="$PWD/$WAYBILL_HOME" ;;
esac
cd "$(dirname "$0")/../.."

# A name on PATH proves nothing (version managers leave shims), so each is asked what it is. The one that was
# found before comes first: to ask a shim takes a while.
answers() {
    "$1" -c "$2" >/dev/null 2>&1
}

without_venv=""
for candidate in ${PYTHON:-.venv/bin/python python3.13 python3.12 python3.11 python3 python}; do
    if answers "$candidate" 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
        if answers "$candidate" 'import ensurepip, venv'; then
            exec "$candidate" -m bin.local.prepare "$@"
        fi
        without_venv=$candidate
    fi
done

if [ -n "$without_venv" ]; then
    echo "waybill: $without_venv cannot make virtual environments; on Debian or Ubuntu: apt-get install python3-venv" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "waybill: PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13" >&2
else
    echo "waybill: Python 3.11, 3.12 or 3.13 is needed and none was found; install one, or name it in PYTHON" >&2
fi
exit 1

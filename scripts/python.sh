#!/bin/sh
# Runs its arguments with a Python of version 3.11 or newer: $PYTHON if set, else the first one found.
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$candidate" "$@"
    fi
done
if [ -n "$PYTHON" ]; then
    echo "Storied needs Python 3.11 or newer, and PYTHON=$PYTHON is not one that runs." >&2
else
    echo "Storied needs Python 3.11 or newer and found none. Install one (Debian: apt-get install python3)," >&2
    echo "or say where it is: make run PYTHON=/path/to/python3" >&2
fi
exit 1

#!/bin/sh
# Pins every package with its hashes. No index address may get into the files: an installation has its own.
# Packages that are pinned already keep their versions; `make lock UPGRADE=1` takes the newest.
set -eu
cd "$(dirname "$0")/.."
if ! command -v uv >/dev/null; then
    echo "make lock needs uv (https://docs.astral.sh/uv/): pip install uv" >&2
    exit 1
fi
options="--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate ${UPGRADE:+--upgrade}"
uv pip compile $options requirements.in -o requirements.txt
uv pip compile $options requirements-dev.in -c requirements.txt -o requirements-dev.txt

#!/usr/bin/env bash
# Puts what fuzzes the API (schemathesis) into a Python environment of its own, outside of the project, and prints its
# folder. Exits with 1 where there is no Python or no package index.
set -euo pipefail
cd "$(dirname "$0")"
tools="${COLLECT_FUZZ_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/collect/schemathesis}"
if ! cmp -s requirements.txt "$tools/requirements.txt"; then
  python3 -m venv "$tools" >&2
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt >&2
  cp requirements.txt "$tools/requirements.txt"
fi
cd "$tools" && pwd

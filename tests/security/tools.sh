#!/usr/bin/env bash
# Installs schemathesis, which fuzzes the API, into a separate Python environment and prints its folder. Exits with 1 if
# Python or the package index is missing.
set -euo pipefail
cd "$(dirname "$0")"
tools="${COLLECT_FUZZ_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/collect/schemathesis}"
if ! cmp -s requirements.txt "$tools/requirements.txt"; then
  python3 -m venv "$tools" >&2
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt >&2
  cp requirements.txt "$tools/requirements.txt"
fi
cd "$tools" && pwd

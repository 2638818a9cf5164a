#!/usr/bin/env bash
# Puts what checks the templates (aws-sam-cli, cfn-lint, moto) into a Python environment of this project, and prints its
# folder. Exits with 1 where there is no Python or no package index.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools="${COLLECT_TOOLS:-.local/tools}"
if ! cmp -s ops/deploy/requirements.txt "$tools/requirements.txt"; then
  python3 -m venv "$tools" >&2
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r ops/deploy/requirements.txt >&2
  cp ops/deploy/requirements.txt "$tools/requirements.txt"
fi
cd "$tools" && pwd

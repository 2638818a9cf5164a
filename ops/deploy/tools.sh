#!/usr/bin/env bash
# Installs aws-sam-cli, cfn-lint and moto into this project's Python environment and prints its folder. Exits with 1 if
# Python or the package index is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools="${COLLECT_TOOLS:-.local/tools}"
if ! cmp -s ops/deploy/requirements.txt "$tools/requirements.txt"; then
  echo "Installing the AWS SAM CLI and its checks into $tools. This takes a minute or two." >&2
  python3 -m venv "$tools" >&2
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r ops/deploy/requirements.txt >&2
  cp ops/deploy/requirements.txt "$tools/requirements.txt"
fi
cd "$tools" && pwd

#!/usr/bin/env bash
# Installs pyxform and what it needs beside the function, for this machine and for the deployed function. Exits with 1 if
# Python, pip or the package index is missing.
set -euo pipefail
cd "$(dirname "$0")"
python="${COLLECT_PYTHON:-python3}"
packages=function/packages
if ! cmp -s requirements.txt "$packages/requirements.txt"; then
  rm -rf "$packages"
  # All packages are pure Python, so files for Lambda's Python run on any version from 3.10 on.
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: --no-compile \
    --implementation py --python-version 3.13 --platform any --target "$packages" -r requirements.txt >&2
  # ODK Validate needs Java.
  rm -rf "$packages/bin" "$packages/pyxform/validators/odk_validate/bin"
  cp requirements.txt "$packages/requirements.txt"
fi
cd "$packages" && pwd

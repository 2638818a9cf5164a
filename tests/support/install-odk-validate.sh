#!/usr/bin/env bash
# Puts ODK_Validate.jar, of the pinned version of pyxform, into .local/odk-validate. Exits with 1 if Python, pip or the
# package index is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=.local/odk-validate
requirements=xlsform-lambda/requirements.txt
cmp -s "$requirements" "$folder/requirements.txt" && exit 0
python="${COLLECT_PYTHON:-python3}"
rm -rf "$folder"
mkdir -p "$folder"
"$python" -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary=:all: --no-deps \
  --implementation py --python-version 3.13 --platform any --dest "$folder" -r "$requirements" >&2
"$python" - "$folder" <<'PYTHON'
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
[wheel] = folder.glob("pyxform-*.whl")
jar = zipfile.ZipFile(wheel).read("pyxform/validators/odk_validate/bin/ODK_Validate.jar")
(folder / "ODK_Validate.jar").write_bytes(jar)
PYTHON
rm -f "$folder"/*.whl
cp "$requirements" "$folder/requirements.txt"

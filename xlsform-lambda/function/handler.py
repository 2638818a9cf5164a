"""Converts an XLSForm workbook to an XForm with pyxform. The only Python function of Collect. `install.sh` puts pyxform
into the folder `packages` beside this file.

    python handler.py FORM_ID FILE.xlsx

converts a file on this machine and prints the reply as JSON.
"""

import base64
import json
import logging
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGES = Path(__file__).parent / "packages"
MISSING = None
if sys.version_info < (3, 10):
    MISSING = "pyxform needs Python 3.10 or newer; this is Python %d.%d." % sys.version_info[:2]
elif not PACKAGES.is_dir():
    MISSING = "pyxform is not installed."
else:
    sys.path.insert(0, str(PACKAGES))
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

log = logging.getLogger(__name__)

# Workbooks are a few hundred KB. Converting takes about 25 times their unpacked size in memory.
MAX_UNPACKED_BYTES = 20_000_000
MAX_PARTS = 1_000
# A reply of Lambda holds 6 MB.
MAX_XFORM_BYTES = 4_000_000


class Refused(Exception):
    """The workbook cannot be converted. The message says what to do."""


def handler(event, _context):
    """Converts one workbook.

    event: {"form_id": "wells", "xlsx": the workbook in base64}. A form whose settings sheet has no form_id gets this one.
    Returns {"ok": True, "xform": XML, "warnings": [text], "itemsets": CSV or None}, where `itemsets` is the content of
    itemsets.csv; or {"ok": False, "reason": "workbook" or "not-installed", "message": text}.
    """
    if MISSING is not None:
        return refusal("not-installed", MISSING)
    try:
        return to_xform(base64.b64decode(event["xlsx"]), event["form_id"])
    except Refused as refused:
        return refusal("workbook", str(refused))


def to_xform(workbook, form_id):
    """Converts the bytes of a workbook. Raises Refused with pyxform's own message or with advice."""
    check_archive(workbook)
    with tempfile.TemporaryDirectory() as folder:
        # pyxform takes the form's id from the name of the file if the settings sheet has none.
        file = Path(folder, f"{form_id}.xlsx")
        file.write_bytes(workbook)
        try:
            result = convert(file, file_type=".xlsx")
        except PyXFormError as error:
            raise Refused(str(error)) from None
        except Exception as error:
            log.exception("pyxform failed")
            raise Refused(
                "pyxform could not read this workbook. Check its sheets survey, choices and settings at "
                "https://getodk.org/xlsform, and remove sheets and formats that the form does not need."
            ) from error
    size = len(result.xform.encode())
    if size > MAX_XFORM_BYTES:
        raise Refused(
            f"The XForm has {size} bytes; at most {MAX_XFORM_BYTES} are taken. Move long lists of choices to CSV files "
            "(select_one_from_file)."
        )
    return {"ok": True, "xform": result.xform, "warnings": result.warnings, "itemsets": result.itemsets}


def check_archive(workbook):
    """Refuses a file that is not a workbook, and a workbook that unpacks to more bytes or parts than the limits. Reads only
    the directory of the archive; zipfile never unpacks more bytes of a part than the directory says."""
    with tempfile.TemporaryFile() as file:
        file.write(workbook)
        if not zipfile.is_zipfile(file):
            raise Refused("This is not an .xlsx workbook. Save it as .xlsx, without a password.")
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED_BYTES or len(parts) > MAX_PARTS:
        raise Refused(
            f"The workbook unpacks to {unpacked} bytes in {len(parts)} parts; at most {MAX_UNPACKED_BYTES} bytes in "
            f"{MAX_PARTS} parts are taken. Remove empty rows, pictures and sheets that the form does not need."
        )


def refusal(reason, message):
    return {"ok": False, "reason": reason, "message": message}


if __name__ == "__main__":
    _, given_form_id, given_file = sys.argv
    sent = base64.b64encode(Path(given_file).read_bytes()).decode()
    print(json.dumps(handler({"form_id": given_form_id, "xlsx": sent}, None)))

"""How long an Excel sheet takes to read, and in how much memory: `python -m benchmarks.sheet [--rows 200000 1048575]`.

Each size is read in a process of its own. The workbook is written as Excel writes one: text in a table of shared
strings, times as days since 1900 with a format.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_PARTS = {
    "_rels/.rels": f'<Relationships {_PACKAGE}><Relationship Id="r1" Type="{_RELATIONS}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="rows" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f"<Relationships {_PACKAGE}>"
    f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    f'<Relationship Id="r3" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet {_MAIN}><cellXfs count="2"><xf/><xf numFmtId="22"/></cellXfs></styleSheet>',
}
HEADER = ("transaction_id", "customer_id", "occurred_at", "amount", "product_category", "status")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[200_000, 1_048_575])
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read(options.read)
        return
    for n_rows in options.rows:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "sheet.xlsx")
            write(path, n_rows)
            environment = os.environ | {"DEBUG": "1", "DATA_DIR": folder}
            command = [sys.executable, "-m", "benchmarks.sheet", "--read", str(path)]
            subprocess.run(command, env=environment, check=True)


def write(path: Path, n_rows: int) -> None:
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in _PARTS.items():
            book.writestr(name, text)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(f"<worksheet {_MAIN}><sheetData>".encode())
            file.writelines(line.encode() for line in lines(n_rows, strings))
            file.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w") as file:
            file.write(f"<sst {_MAIN}>".encode())
            file.writelines(f"<si><t>{text}</t></si>".encode() for text in strings)
            file.write(b"</sst>")


def lines(n_rows: int, strings: dict[str, int]):
    chance = random.Random(7)

    def text(place: str, value: str) -> str:
        return f'<c r="{place}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>'

    yield '<row r="1">' + "".join(text(f"{'ABCDEF'[i]}1", name) for i, name in enumerate(HEADER)) + "</row>"
    for n in range(2, n_rows + 2):
        time_cell = f'<c r="C{n}" s="1"><v>{45292 + chance.random() * 180:.9f}</v></c>'
        amount = f'<c r="D{n}"><v>{chance.randrange(1, 50_000) / 100}</v></c>'
        ids = text(f"A{n}", f"T{n:09}") + text(f"B{n}", f"C{chance.randrange(20_000)}")
        rest = text(f"E{n}", f"category {n % 12}") + text(f"F{n}", "completed")
        yield f'<row r="{n}">{ids}{time_cell}{amount}{rest}</row>'


def read(path: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "churnsite.settings"
    import django

    django.setup()
    from customers.ingest import sheet

    before, start, cpu = peak(), time.perf_counter(), time.process_time()
    sheet.measure(path)
    measured = time.process_time() - cpu
    n_rows = sum(1 for _row in sheet.rows(path, name=path.name))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu - measured
    print(
        f"{n_rows:>9,} rows  CPU {cpu:.1f} s, measuring {measured:.1f} s of it  "
        f"(wall with measuring twice {seconds:.1f} s)  peak {peak():,.0f} MiB, before the file {before:,.0f}",
        flush=True,
    )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

"""Small files to import, and what came of them."""

import datetime as dt
import zipfile
from pathlib import Path

from customers.ingest import FileReport, load_file
from customers.models import Customer, SetAsideRow

TRANSACTIONS = "transaction_id,customer_id,occurred_at,amount"


def csv_file(folder: Path, *lines: str, name: str = "file.csv", end: str = "\n") -> Path:
    path = folder / name
    path.write_bytes((end.join(lines) + end).encode())
    return path


def load(path: Path, kind: str, **options) -> FileReport:
    return load_file(path=path, kind=kind, **options)


def customers(*ids: str) -> None:
    Customer.objects.bulk_create(Customer(customer_id=i, registered_on=dt.date(2020, 1, 1)) for i in ids)


def counts(report) -> tuple[int, int, int, int, int]:
    return report.read, report.added, report.updated, report.unchanged, report.set_aside


def reasons(line: int) -> list[tuple[str, str]]:
    row = SetAsideRow.objects.get(line=line)
    return [(why["column"], why["code"]) for why in row.reasons]


_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="first" sheetId="7" r:id="rId5"/><sheet name="second" sheetId="2" r:id="rId2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId5" Type="{_RELATIONS}/worksheet" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
}


def workbook(path: Path, rows: str, *, second: str = "", head: str = "") -> Path:
    """A workbook from the XML of the rows of its first sheet, which is not the first of the parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in WORKBOOK.items():
            book.writestr(name, text)
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {_MAIN}><sheetData>{second}</sheetData></worksheet>")
        book.writestr("xl/worksheets/sheet2.xml", f"{head}<worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>")
    return path

"""Reading what people export from their office programs: CSV in any of its dialects, and XLSX.

A table is a file named after it (`items.csv`, `items.xlsx`) or a sheet of that name in any workbook. Files are read as a
stream, row by row, and never past a bound, so that a million rows are refused rather than loaded. Cells are text here:
what begins with `=` is text that begins with `=`, and nothing is ever computed.
"""

import codecs
import csv
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

MOST_ROWS = 200_000  # of one table
MOST_BYTES = 200 * 1_048_576  # of one file, unpacked
MOST_COLUMNS = 200
DELIMITERS = (",", ";", "\t")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row below the heading. `number` is the line an editor or the spreadsheet shows."""

    number: int
    cells: dict[str, str]


class Trouble(Exception):
    """A file, or one row of it, that cannot be read; `row` 0 is the file as a whole."""

    def __init__(self, sentence: str, row: int = 0, column: str = "") -> None:
        self.row, self.column, self.sentence = row, column, sentence
        super().__init__(sentence)


class Table(msgspec.Struct, kw_only=True):
    """Where a table was found. `notice` says what was assumed of it, if anything."""

    name: str
    file: Path
    sheet: str = ""
    notice: str = ""

    @property
    def label(self) -> str:
        return f"{self.file.name} [{self.sheet}]" if self.sheet else self.file.name


def find(folder: Path, names: Sequence[str]) -> tuple[list[Table], list[tuple[str, str]], list[str]]:
    """The tables in a folder, what is wrong with its files as (file, sentence), and what was left out."""
    found: dict[str, Table] = {}
    wrong: list[tuple[str, str]] = []
    left_out: list[str] = []
    for file in sorted(folder.iterdir()):
        if not file.is_file() or file.name.startswith((".", "~$")):
            continue
        try:
            tables = _tables_in(file, names)
        except Trouble as trouble:
            wrong.append((file.name, trouble.sentence))
            continue
        if not tables:
            left_out.append(f"{file.name} was left out: it is none of {', '.join(names)}.")
        for table in tables:
            if table.name in found:
                wrong.append((table.label, f"{table.name} is also in {found[table.name].label}; keep one of them."))
            else:
                found[table.name] = table
    return [found[name] for name in names if name in found], wrong, left_out


def _tables_in(file: Path, names: Sequence[str]) -> list[Table]:
    stem = file.stem.lower()
    if file.suffix.lower() in (".csv", ".tsv", ".txt"):
        return [Table(name=stem, file=file)] if stem in names else []
    if file.suffix.lower() != ".xlsx":
        return []
    sheets = _workbook(file).sheet_names
    named = [Table(name=sheet.strip().lower(), file=file, sheet=sheet) for sheet in sheets]
    ours = [table for table in named if table.name in names]
    if not ours and stem in names and sheets:
        return [Table(name=stem, file=file, sheet=sheets[0])]
    return ours


def rows(table: Table) -> Iterator[Row]:
    """The rows below the heading, blank ones left out. Raises Trouble with the row that is broken."""
    lines = _sheet_lines(table) if table.sheet else _csv_lines(table)
    heading: list[str] = []
    width = count = 0
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if not heading:
            heading, width = _heading(cells, number), len(cells)
            continue
        count += 1
        if count > MOST_ROWS:
            raise Trouble(
                f"There are more than {MOST_ROWS:,} rows; one import takes at most that many. Split the file."
            )
        if len(cells) != width and not table.sheet:
            raise Trouble(f"The row has {len(cells)} cells, the heading has {width}.", number)
        yield Row(number=number, cells={name: cell.strip() for name, cell in zip(heading, cells, strict=False)})
    if not heading:
        raise Trouble("The file is empty: its first row must name the columns.")


def _heading(cells: list[str], number: int) -> list[str]:
    heading = ["_".join(cell.strip().lower().replace("-", " ").split()) for cell in cells]
    while heading and not heading[-1]:
        heading.pop()
    for name in heading:
        if not name:
            raise Trouble("A column has no name.", number)
        if heading.count(name) > 1:
            raise Trouble(f"Two columns are named {name}.", number, name)
    if len(heading) > MOST_COLUMNS:
        raise Trouble(f"There are {len(heading)} columns; at most {MOST_COLUMNS} are read.", number)
    return heading


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _csv_lines(table: Table) -> Iterator[tuple[int, list[str]]]:
    encoding = _encoding(table)
    with table.file.open(encoding=encoding, newline="") as handle:
        reader = csv.reader(handle, delimiter=_delimiter(table.file, encoding), strict=True)
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                raise Trouble(
                    f"The row is not sound CSV: {problem}. Look for a quotation mark left open.", start
                ) from None
            yield start, cells


def _encoding(table: Table) -> str:
    """UTF-8 (with or without its mark), else Windows-1252 with a notice; anything else is refused with its row."""
    if table.file.stat().st_size > MOST_BYTES:
        raise Trouble(f"The file is larger than {MOST_BYTES // 1_048_576} MiB. Split it.")
    is_utf8, row = True, 1
    decoder = codecs.getincrementaldecoder("utf-8")()
    with table.file.open("rb") as handle:
        if handle.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise Trouble("The file is UTF-16. Save it as 'CSV UTF-8'.")
        handle.seek(0)
        while block := handle.read(1_048_576):
            if b"\x00" in block:
                raise Trouble(
                    "The file holds zero bytes: it is not a text file.", row + block[: block.find(0)].count(b"\n")
                )
            bad = next((block.find(byte) for byte in b"\x81\x8d\x8f\x90\x9d" if not is_utf8 and byte in block), -1)
            if is_utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
                    handle.seek(0)
                    row = 1
                    continue
            elif bad >= 0:
                where = row + block[:bad].count(b"\n")
                raise Trouble("The row is neither UTF-8 nor Windows-1252. Save the file as 'CSV UTF-8'.", where)
            row += block.count(b"\n")
        if is_utf8:
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                is_utf8 = False
    if is_utf8:
        return "utf-8-sig"
    table.notice = f"{table.label} is not UTF-8; it was read as Windows-1252. Check letters such as é and ö."
    return "cp1252"


def _delimiter(file: Path, encoding: str) -> str:
    """The one that cuts the heading into most names."""
    with file.open(encoding=encoding, newline="") as handle:
        heading = next((line for line in iter(lambda: handle.readline(65_536), "") if line.strip()), "")
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([heading.strip("\r\n")], delimiter=mark), [])))


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _workbook(file: Path) -> CalamineWorkbook:
    try:
        with zipfile.ZipFile(file) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > MOST_BYTES:
            raise Trouble(f"The workbook is larger than {MOST_BYTES // 1_048_576} MiB unpacked. Split it.")
        return CalamineWorkbook.from_path(file)
    except (zipfile.BadZipFile, CalamineError, OSError) as problem:
        raise Trouble(f"The file is not an XLSX workbook that can be read: {problem}.") from None


def _sheet_lines(table: Table) -> Iterator[tuple[int, list[str]]]:
    try:
        sheet = _workbook(table.file).get_sheet_by_name(table.sheet)
    except CalamineError as problem:
        raise Trouble(f"The sheet cannot be read: {problem}.") from None
    if sheet.height > 2 * MOST_ROWS:
        raise Trouble(f"There are more than {MOST_ROWS:,} rows; one import takes at most that many. Split the file.")
    for number, cells in enumerate(sheet.iter_rows(), 1):  # empty rows at the top are counted
        yield number, [_as_text(cell) for cell in cells]


def _as_text(cell: int | float | str | bool | time | date | datetime | timedelta) -> str:
    """A cell as one would read it: whole numbers without a point, days and moments as ISO."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)

"""What an import did, or would do, and what is to be mended first: as one reads it on a terminal.

Each table says how many things in it are new, changed or already so. A table of lines says whose lines they are: they come
in with their documents, and are counted there.
"""

import msgspec


class RowError(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be mended. Row 0 is the file as a whole."""

    file: str
    row: int
    column: str
    sentence: str

    def in_words(self) -> str:
        where = f"{self.file} row {self.row}" if self.row else self.file
        return f"{where}{f', {self.column}' if self.column else ''}: {self.sentence}"


class TableReport(msgspec.Struct, frozen=True, kw_only=True):
    """A table's rows, and how many things in it are new, changed or already so; lines count as their document does."""

    table: str
    file: str
    rows: int
    new: int = 0
    changed: int = 0
    same: int = 0
    counted_in: str = ""  # of lines: the file of their documents

    def in_words(self) -> str:
        told = f"{self.file}: {self.rows} row{'' if self.rows == 1 else 's'}, "
        if self.counted_in:
            return f"{told}counted in {self.counted_in}"
        return f"{told}{self.new} new, {self.changed} changed, {self.same} the same"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do. `imported` is true when it is in the database."""

    tables: tuple[TableReport, ...]
    errors: tuple[RowError, ...]
    notices: tuple[str, ...]
    more_errors: int = 0
    imported: bool = False

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def changes(self) -> int:
        return sum(table.new + table.changed for table in self.tables)

    def in_words(self) -> str:
        """The report as one reads it on a terminal."""
        lines = [table.in_words() for table in self.tables]
        lines += [f"Note: {notice}" for notice in self.notices]
        lines += [f"Error: {error.in_words()}" for error in self.errors]
        if self.more_errors:
            lines.append(f"… and {self.more_errors} more errors.")
        if self.errors:
            lines.append("Nothing was imported. Mend the rows above and run it again.")
        else:
            changes = f"{self.changes} change{'' if self.changes == 1 else 's'}"
            lines.append(f"{'Imported' if self.imported else 'Would import'}: {changes}.")
        return "\n".join(lines)

"""What the converters share: a table as a CSV file, and a GS1 number with its check digit."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

Cells = Sequence[object]


def csv_file(folder: Path, name: str, heading: str, rows: Iterable[Cells]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading.split())
        writer.writerows(rows)


def checked(digits: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)

"""`pickface virtual …`: hardware without any, a ledger and a carrier, for a bench, a demo and a training floor.

Each kind takes its own options and imports what it needs when it runs.
"""

import argparse
from pathlib import Path


def run_virtual(words: list[str]) -> int:
    """`pickface virtual scanner|scale|dimensioner|printer|wall|ledger|carrier …`: each takes its own options."""
    kind, options = (words[0] if words else ""), words[1:]
    if kind == "scanner":
        from devices.virtual import run_scanner

        return run_scanner(options)
    if kind == "scale":
        from devices.virtual import run_scale

        return run_scale(options)
    if kind == "dimensioner":
        from devices.virtual import run_dimensioner

        return run_dimensioner(options)
    if kind == "wall":
        from app.virtual_wall import run as run_wall

        return run_wall(options)
    if kind == "ledger":
        from sync.reference_ledger import main as run_ledger

        return run_ledger(options)
    if kind == "carrier":
        from sync.carriers.virtual import main as run_carrier

        return run_carrier(options)
    parser = argparse.ArgumentParser(
        prog="pickface virtual",
        description="Hardware, a ledger and a carrier without any; the options here are the printer's.",
        epilog="Each other kind has its own: pickface virtual scanner --help.",
    )
    parser.add_argument("kind", choices=("scanner", "scale", "dimensioner", "printer", "wall", "ledger", "carrier"))
    parser.add_argument("--tcp", default="127.0.0.1:9102", metavar="HOST:PORT", help="where the printer listens")
    parser.add_argument("--web", default="127.0.0.1:9181", metavar="HOST:PORT", help="where its paper is seen")
    parser.add_argument(
        "--pty", type=Path, metavar="PATH", help="at the end of a serial cable, too: a port of this name"
    )
    parser.add_argument("--slips", action="store_true", help="an ESC/POS slip printer instead of labels")
    given = parser.parse_args([kind, *options] if kind else ["--help"])
    from printers.virtual_page import run_printer

    run_printer(given.tcp, given.web, kind="escpos" if given.slips else "zpl", pty=given.pty)
    return 0

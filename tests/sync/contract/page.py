"""docs/connectors.md: the table of connector × fault as the suite plays it, with the reason of every cell that is none."""

from tests.sync.contract.faults import WORDS, Fault
from tests.sync.contract.sinks import SINKS

HEAD = """# Connectors, and what is played on each

Written by `python -m tests.sync.contract`; `tests/sync/contract` plays it. In every cell with ✓ the fault is made to
happen with the whole follower in between, a database and a cursor and all. At the end the ERP has each event once, what
happened to one item in its order, and the floor's stock to the piece; the desk has said what was the matter, and no
event is blamed for what the line did. `make test` plays the quick cells, `make faults` the slow ones and the kills.
"""


def text() -> str:
    reasons: list[str] = []

    def cell(kind: str, fault: Fault) -> str:
        if fault in SINKS[kind].plays:
            return "✓"
        reason = SINKS[kind].cannot[fault]
        if reason not in reasons:
            reasons.append(reason)
        return f"no: {reasons.index(reason) + 1}"

    columns = " | ".join(f"`{kind}`" for kind in SINKS)
    lines = [HEAD, f"| fault | {columns} |", f"| --- |{' --- |' * len(SINKS)}"]
    for fault, words in WORDS.items():
        lines.append(f"| {words} | {' | '.join(cell(kind, fault) for kind in SINKS)} |")
    lines += ["", "Cannot happen there, because", *(f"{n}. {reason}." for n, reason in enumerate(reasons, 1)), ""]
    lines += [f"- `{kind}`: {sink.tested}." for kind, sink in SINKS.items()]
    return "\n".join(lines) + "\n"

"""What can go wrong between the floor and an ERP: the rows of the table.

A line fault harms whatever is under way until it is mended; an odd event is one the ERP will not take, among others it
will. The last three need nothing of the sink: the suite plays them on everybody.
"""

from typing import Literal, get_args

LineFault = Literal[
    "away", "down", "ill", "late", "lost_answer", "nonsense", "overtaken", "twice", "dies_after_apply",
    "dies_after_half", "clock_off", "full_disk",
]  # fmt: skip
OddEvent = Literal["refuses_one", "stumbles_over_one", "cannot_read_one"]
Anybodys = Literal["told_again", "clock_back", "killed"]
Fault = LineFault | OddEvent | Anybodys

LINE_FAULTS: tuple[LineFault, ...] = get_args(LineFault)
ODD_EVENTS: tuple[OddEvent, ...] = get_args(OddEvent)
ANYBODYS: tuple[Anybodys, ...] = get_args(Anybodys)

WORDS: dict[Fault, str] = {
    "away": "nobody is there",
    "down": "it answers 503 to everything",
    "ill": "it stumbles over whatever it is sent",
    "late": "it applies the batch, and answers later than we wait",
    "lost_answer": "it applies the batch, and the line breaks before the answer comes",
    "nonsense": "it applies the batch, and what it answers cannot be read",
    "overtaken": "a batch arrives after its own repetition",
    "twice": "every batch is delivered twice",
    "dies_after_apply": "it applies the batch and is killed before it answers",
    "dies_after_half": "it applies some of the batch and is killed",
    "clock_off": "its clock is wrong by an hour",
    "full_disk": "its disk is full",
    "refuses_one": "it refuses one event in its own words",
    "stumbles_over_one": "it stumbles over every batch that holds one event",
    "cannot_read_one": "one event does not fit its schema",
    "told_again": "the floor begins again at its first event",
    "clock_back": "the floor's clock is set back by an hour meanwhile",
    "killed": "both sides are killed (−9) by turns",
}

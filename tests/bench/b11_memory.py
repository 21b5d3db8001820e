"""B11: what the server takes of the machine's memory with 200 handhelds at work, beside the same server idle.

Both processes of the server are counted, pages they share once. It is the shift of B6: the handhelds scan once a second
with their live lines open, and the desk boards are fetched meanwhile.
"""

from tests.bench.b06_floor import shift
from tests.bench.figures import Asked, Figure, alone, held_against

GROWTH, IDLE_MB = 1.5, 150.0


def measure(asked: Asked) -> list[Figure]:
    _, _, (idle, busy) = shift(asked)
    return [
        held_against("B11", f"memory with {asked.handhelds} handhelds", [(busy, idle)], unit="MB", most=GROWTH),
        alone("B11 idle", "memory of the idle server", [idle], unit="MB", most=IDLE_MB),
    ]

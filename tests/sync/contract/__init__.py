"""One contract for every way to an ERP, played against the real thing: connector × fault, each once, in order, to the piece.

`faults.py` says what can go wrong; a sink (`faulty.py`) is one ERP that can be made to go wrong so, and names with its
reason what can never happen to it. `test_table.py` plays every cell with the whole follower in between, a database and a
cursor and all, and then counts. `python -m tests.sync.contract` writes the table to docs/connectors.md.
"""

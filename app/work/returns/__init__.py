"""Returns: what comes back from customers, how it is judged, and what becomes of it.

authorised.py   RMAs and decisions as the ERP sends them
known.py        reads: an RMA, a parcel, a piece, what was shipped on an order
taking_in.py    whose parcel is this, and may this piece come back on it
judging.py      checklist, grade, and which disposition is proposed and why
ways.py         the rows: dispositions, rules, checklist, policy; saving them
disposing.py    what becomes of a piece, as an event
deciding.py     what the desk decides, for the floor to carry out
identifying.py  whose a parcel was that nobody knew
next_steps.py   what a piece waits for after that
leaving.py      it leaves the house: sent back, handed over, given away
counted.py      what documents count by the events
"""

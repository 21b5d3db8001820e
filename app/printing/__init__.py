"""Print jobs: queued in the event's own transaction with their exact bytes, claimed by the spooler, ended in a known state.

    queued → sending → printed | sent | unknown | failed        failed → queued by back-off
    unknown → printed | queued only by a person                 queued | failed | unknown → cancelled, moved

`sending` is committed before the first byte leaves; after a crash it becomes `unknown`, never `queued`: that is the
duplicate-label bug. Scanning a label is the only proof that it exists.

A turn asks for a label (queueing.py) at a printer of its station (station_printers.py), whose bytes are drawn there and
then (drawing.py). The spooler takes them (spooling.py); what became of a job is in jobs.py, what a person says or wants of
it in decisions.py.
"""

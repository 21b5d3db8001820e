"""Carriers: which service takes a carton, what it costs, when it is there, and the labels bought from them.

| file | in the warehouse |
| --- | --- |
| `parcel.py` | the parcel as a carrier sees it: weight, sides, hazards, and the address read from the order |
| `services.py` | the rows: what each service takes and costs; kept by an admin |
| `choosing.py` | which service a parcel goes with, and why; pure |
| `fitting.py` | the same for the carton on the packing table, with the refusals a packer hears |
| `purchases.py` | labels asked of carriers that are not here: one a carton, each with a known state |
"""

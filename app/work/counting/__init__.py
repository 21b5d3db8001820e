"""Counting: what lies in a place, said by somebody who is not told what should; and what becomes of a difference.

rules      the house's rows: how many recounts, classes, triggers
counts     one person's look at one place: begun, resumed, left
tallies    every code read, with the journal's end at that moment
book       what the books had at a position of the journal: the rebase
serials    which serials are missing, which are found
closing    "nothing else here": lines, explicit zeros, what follows from each difference
adjusting  the books brought to what was found; promises that cannot be kept are given back first
deciding   approve, recount, reject: never by somebody who counted
classes, schedule, triggers, plans     where counts come from
"""

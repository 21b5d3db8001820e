"""The crew: virtual workers who do the day's work through the same public door as any program.

They serve the demo (traffic), the benches and the proof. A worker of the crew knows what a person on the floor knows:
the papers of the day, the labels on the goods, and where it put what with its own hands. All that comes from a truth
file and from its own doing, never from the house it works for; so whatever the house gets wrong, the crew notices.
"""

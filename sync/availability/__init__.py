"""The feed a shop sells by: what may be sold now of each item, with what is promised, ordered, held or not yet on a shelf."""

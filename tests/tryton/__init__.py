"""A real Tryton for the tests: built once, copied for each session, killed at will."""

"""Entitlement (待遇资格): on which days a person is covered, waiting or owing, and what the counter is told.

`coverage.refresh` recomputes the days that follow from the facts; `decision.entitlement` answers the counter from them;
`report` says it to people. `transfers`, `retirement` and `family` change the facts it follows from.
"""

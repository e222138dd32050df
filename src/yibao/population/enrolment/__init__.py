"""Enrolment (参保登记): persons, households, employers, and where and how long somebody is insured.

`persons.register` and `enrolments.start | suspend | resume | end | switch` are the daily work; `newborn.apply` and
`deaths.record_death` do several things at once. Each writes its event; `replay` folds the events back into the tables.
"""

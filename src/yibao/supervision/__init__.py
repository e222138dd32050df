"""Supervision (智能监管): every order and bill is watched before, during and after, with one set of rules.

A rule (`rulebook.Rule`) is a kind with parameters, a severity, stages and a clause; knowledge points are rows of the
kind. A kind (`kinds/`) says once what it looks for and does it in two ways that give the same rows:

    in_columns    one Ibis expression over the lake: the whole year, on DuckDB or Spark
    at_counter    plain Python over the records of one visit, person or institution: the order in the doctor's hand

    rulebook      rules of a profile with their points, from areas/<city>/supervision and the imported knowledge
    knowledge     published knowledge points: import, difference of batches, replacement, local codes
    audit         `yibao audit run`: a lake in, findings out
    counter       3101, 3102 and uploaded lines: what is refused or marked while there is time
    casework      a finding's way: review, the institution's answer, appeal, decision, deduction statement
    monitoring    indicators, peers, scores, alerts, the board and the map, the check of beds

The design is docs/supervision.md.
"""

"""Known violations and look-alikes that must stay clean, for every kind: one file each, of the kind's name.

    violations(world, point, number)   records of a new person that break `point`; returns the `psn_no`
    clean(world, point, number)        records alike that no rule of severity "violation" may hit; returns the `psn_no`

`number` makes persons and days differ. Kinds that compare institutions make an institution of their own and return its
code. Tests read them as a case; the proof (`yibao audit prove`) puts fifty and more of each into a city's lake.
"""

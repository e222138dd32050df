"""Contributions of employees (职工缴费): monthly declarations, bills, arrears, flexible workers, account crediting.

`declarations.declare` answers an employer's table line by line, `employer_bills.issue` makes the month's bill of it,
`crediting.run` puts the paid months' share on the personal accounts.
"""

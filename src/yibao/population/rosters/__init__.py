"""Rosters of departments (部门名册): identity tags, matching, comparison, effect, subsidies, exchange.

`receiving.receive` stages a table and matches it to persons, `comparison.compare` says what would change,
`applying.apply` lets it take effect; `exchange` carries rosters in and difference lists out.
"""

"""Directory (目录): contracted institutions, doctors, the three catalogues, code tables, mappings.

`cache.DirectoryCache` answers the settlement's look-ups from memory; `queries` answers 1201, 1312 and 1316–1319;
`catalogue` writes the files of 1301–1320; `mapping` holds 3301 and 3302. A change of the tables reaches every process
through the database's own notification (`cache`), whoever makes it.
"""

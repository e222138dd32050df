"""Persons (参保人): who they are, where they are insured, what they are entitled to, and their accounts.

Flow of one visit: `queries.find_person` reads the credential; `queries.care_facts` (or `population.care_facts` in
SQL, inside the settlement's own round trip) gives everything that decides a bill on the day of care;
`entitlement.entitlement` says which enrolment pays or every reason against it; `population.move_accounts` in SQL
spends and refunds personal accounts. `accounts`, `family` and `filings` hold the actions of the counter clerks,
one public function per transaction.
"""

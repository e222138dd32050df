"""Persons (参保人): who they are, where they are insured, what they pay and are entitled to, and their accounts.

The rooms: `enrolment` (persons, enrolments and their events), `contributions` of residents, `employees`, `rosters` of
departments with tags and subsidies, `entitlement` (coverage that follows from all these), `campaign`.

Flow of one visit: `queries.find_person` reads the credential; `queries.care_facts` (or `population.care_facts` in
SQL, inside the settlement's own round trip) gives everything that decides a bill on the day of care;
`entitlement.decision` says which enrolment pays or every reason against it; `population.move_accounts` in SQL spends
and refunds personal accounts. Every action of a clerk is one public function, one transaction and one event.
"""

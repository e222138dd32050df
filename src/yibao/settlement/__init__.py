"""Settlement (结算): visits, fee lines, trial, settlement, cancellation, reversal, the bill.

    intake        2201/2401 open a visit for an entitled person; 2204/2301 take fee lines, priced and classified
    actions       presettle (computes, writes nothing) and settle (one transaction, once per msgid)
    cancellation  the negative settlement, with what depends on it refused or recomputed; reversal: a lost message
    queries       one bill with all that belongs to it, lists of bills
    verify        everything that must always hold

One settlement: `case.open_case` locks the person and reads → `assessment.assess` computes the bill (pure: facts →
`calculation` → benefits) → `writing` writes bill, lines, journal, accumulators, accounts and the stored reply in one
statement → commit. The design is docs/settlement.md.
"""

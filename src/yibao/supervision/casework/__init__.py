"""Findings on their way (疑点处理): from the audit's table to a deduction, every step with who, when and why.

    new ──issue──▶ issued ──appeal──▶ appealed ⇄ opinion ──decide──▶ closed
     └─drop─▶ closed  └─accept, silence─▶ closed

    taking       findings of an audit, with their bills and lines, into `supervision.finding`
    review       first review (初审): issued to the institution, or dropped
    answering    the institution accepts, or appeals with files (申诉)
    experts      the draw without conflicts of interest, and opinions (专家评议)
    decision     second review (复审): upheld, partly, dismissed, data fault
    advance      what happens by itself when a term ends: silence means accepted
    statements   the month's deduction statement (扣款通知书), posted to the ledger, reversible
    statistics   hits and upheld share per rule; labels for the scores
    queries      lists, one finding's history

`moves` carries all steps: one lock, one statement, for one finding or a thousand; a refused row refuses all.
"""

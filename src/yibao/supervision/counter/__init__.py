"""The counter (事前、事中): what is refused or marked while there is time.

    rulebooks   the rules in force per area, as the counter asks them, renewed when knowledge changes
    orders      a patient of 3101 or 3102 as the records of the order in the doctor's hand
    records     the person's year beside it: one statement
    screening   a case and the rules that concern it → what is found about the current orders
    review      3101 and 3102: findings, kept as warnings; fee lines as they come: marks
    answers     3103 and a senior doctor's approval
    under_review  orders of a period by doctor, department and hospital, against peers

The page is docs/supervision-counter.md.
"""

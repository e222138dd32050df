"""The collection campaign (征缴调度): who is to be won for the year's resident insurance, and how far it has come.

    parameters.py    the city's rules: days of the campaign, who counts, target curve, whom to supervise
    tasks.py         tasks per division and school, equal at every level, revised with a trace
    counting.py      one statement counts a city; kept per day
    keeping.py       the server counts by itself
    figures.py       rate, rank, pace, projected end: pure
    bulletin.py      the bulletin of a day, as rows and as xlsx with a chart
    uninsured.py     lists of the uninsured by division, school, helper, tag, department
    rolls.py         tables of schools, pupils and helpers responsible
    supervision.py   weekly list of towns that lag, their answers
    collecting.py    the village collector: list, ticks that are payments, cash of the day
    demo.py          tasks made from a population that is there
    commands.py      `yibao campaign …`

A day: collectors tick and people pay → `counting.snapshot` → `bulletin` → Mondays `supervise`.
"""

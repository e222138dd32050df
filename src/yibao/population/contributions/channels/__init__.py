"""Payment channels (缴费渠道): adapters between orders and those who take the money, each with its own stand-in.

    access.py           a channel's secret; signature of its messages (HMAC-SM3)
    callback.py         a signed message over HTTP: paid or reversed, answered once
    files.py            what a file of a channel did, row by row; the same file again gives the same answer
    tax.py              collection list out, collected persons in 税务
    bank.py             batch of orders out, results in 银行批量扣款
    village.py          a collector hands in the day's cash 村级代收
    family_account.py   a relative's personal account pays 家庭共济

Money that a file reports and that fits no order is not lost: it stands as unallocated receipt until it is given back.
"""

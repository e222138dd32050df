"""Contributions of residents (居民缴费): what is due, payment orders, channels, refunds, reconciliation.

`premiums.assess` says what is due by pack and calendar, `payments.confirm` takes the money once and lets it take
effect, the adapters in `channels` speak with the tax bureau, the bank, the village and a relative's account.
"""

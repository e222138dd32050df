"""Proof of the rules (注入验证): known violations and look-alikes in a city's lake, and what an audit makes of them.

injection   a clone of the lake with the examples of every kind (`examples/`) beside the city's own care
results     by rule: how many violations were found, how many look-alikes were hit
commands    `yibao audit prove`
"""

"""Benchmarks of this machine: settlements over HTTP against the floor, and where the time goes.

`town` fills a database with people and a catalogue, `client` speaks HTTP with signatures, `load` runs clients against a
real server, `floor` writes the same rows without HTTP and rules, `stages` takes one settlement apart.
"""

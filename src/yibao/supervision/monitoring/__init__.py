"""Monitoring (监测预警): what institutions look like beside their peers, and what is done when one stands out.

definitions   indicators of a city as data (areas/<city>/supervision/indicators.yaml)
facts         sums of a lake by institution, department, doctor and period: one Ibis expression for each table
indicators    facts → values → verdicts (`judging`), days of an institution (`series`); OUT/*.parquet
scores        0–100 for institutions and persons with the share of each indicator
publishing    OUT → tables of the database, from which the pages read
live          today's admissions, discharges, beds and payments of the gateway
alerts        an inspector closes one with a reason or opens a finding
bed_checks    a photograph from the ward, asked for and answered within minutes
"""

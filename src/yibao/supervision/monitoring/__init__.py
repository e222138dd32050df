"""Monitoring (监测预警): indicators, peers, scores, alerts, checks of beds."""

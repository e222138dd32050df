"""Findings on their way (疑点处理): review, answer, appeal, decision, deduction."""

"""What every area stands on and nothing above it may repeat: money and ratios (`money`), days (`dates`), refusals and
faults (`errors`), the database (`database`, `migrations`, `embedded`, `backup`), where an installation lives (`config`,
`installation`), secrets and digests (`crypto`), and replies kept for repetition (`inbox`).
"""

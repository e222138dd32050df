"""The benchmark itself works; how fast the machine is, no test says."""

import json
import subprocess
import sys


def test_the_benchmark_of_settling_answers_every_number_and_no_settlement_fails() -> None:
    command = [sys.executable, "-m", "yibao.cli", "bench", "settle", "--json"]
    options = ["--seconds", "1.5", "--clients", "2", "--lines", "3", "--persons", "200"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout)
    assert found["failures"] == 0
    assert found["settlements_per_second"] > 0
    assert found["floor_per_second"] > 0
    assert set(found["cpu_ms_by_stage"]) >= {"signature and nonce", "lock and read", "write"}

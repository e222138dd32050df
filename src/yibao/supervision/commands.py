"""`yibao audit`: knowledge, audit of a lake, findings, monitoring. Each part brings its own commands."""

import typer

from yibao.supervision.audit import commands as audit
from yibao.supervision.casework import commands as casework
from yibao.supervision.knowledge import commands as knowledge
from yibao.supervision.monitoring import commands as monitoring
from yibao.supervision.proof import commands as proof

audit_app = typer.Typer(help="Supervision: knowledge, audit of a lake, findings, scores.", no_args_is_help=True)
for part in (knowledge, audit, proof, casework, monitoring):
    part.register(audit_app)

"""Pages of casework (疑点处理): what reviewers, institutions' offices and experts do with findings, and deductions.

    office      /institution/findings    an institution answers: one or two hundred at once
    desk        /findings                reviewers' queues by state; /findings/<number> with its history
    opinions    /findings/opinions       what was drawn to an expert
    rules       /findings/rules          how often each rule is right
    statements  /deductions              the month's deduction statements, as page, table and paper

`listing` reads a queue the way all of them show it; `history` shows one finding.
"""

from yibao.web.findings.desk import DESK_PAGES
from yibao.web.findings.office import OFFICE_PAGES
from yibao.web.findings.opinions import OPINION_PAGES
from yibao.web.findings.rules import RULE_PAGES
from yibao.web.findings.statements import STATEMENT_PAGES

FINDING_PAGES = [*OFFICE_PAGES, *OPINION_PAGES, *RULE_PAGES, *DESK_PAGES, *STATEMENT_PAGES]

__all__ = ["FINDING_PAGES"]

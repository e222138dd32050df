"""Reading persons: by credential, their facts of a day, their filings, balances and movements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.identity import is_identity_number, normalised
from yibao.population.model import CareFacts, Filing, Person, care_facts_from_json

ELECTRONIC_CODE, IDENTITY_CARD, SOCIAL_SECURITY_CARD = "01", "02", "03"
CREDENTIAL_TITLES = {ELECTRONIC_CODE: "医保电子凭证", SOCIAL_SECURITY_CARD: "社会保障卡"}

BY_CERTIFICATE = """
select to_jsonb(p) from (
  select coalesce(merged_into, psn_no) as psn_no from population.person where psn_cert_type = $1 and certno = $2
  union all
  select psn_no from population.certificate where psn_cert_type = $1 and certno = $2
) known join population.person p using (psn_no) limit 1
"""
BY_CREDENTIAL = """
select to_jsonb(p) as person, c.valid_to from population.credential c join population.person p using (psn_no)
where c.mdtrt_cert_type = $1 and c.mdtrt_cert_no = $2
"""
CERTIFICATES = """
select certno from population.certificate where psn_no = $1
union all select certno from population.person where merged_into = $1
"""
MERGED_INTO = "select merged_into from population.person where psn_no = $1"
CARE_FACTS = "select population.care_facts($1, $2)"
FILINGS = """
select to_jsonb(f) from population.filing f
where f.psn_no = $1 and ($2 = '' or f.kind = $2) and f.status = 'active'
order by f.begndate desc, f.trt_dcla_detl_sn desc
"""
FILING = "select to_jsonb(f) from population.filing f where f.trt_dcla_detl_sn = $1"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a hospital presents (1101 and the mdtrt_cert fields): `mdtrt_cert_type` 01 electronic code, 02 identity
    card, 03 social-security card. The certificate fields are checked where they are given.
    """

    mdtrt_cert_type: str
    mdtrt_cert_no: str
    psn_cert_type: str = ""
    certno: str = ""
    psn_name: str = ""


async def find_person(connection: Connection, credential: Credential, on: date) -> Person:
    """The person behind a credential; raises `Refused` with P101–P105."""
    if credential.mdtrt_cert_type in CREDENTIAL_TITLES:
        person = await _by_credential(connection, credential, on)
    else:
        person = await _by_certificate(connection, credential)
    further = [row[0] for row in await connection.fetch(CERTIFICATES, person.psn_no)]
    reasons = mismatches(person, credential, further)
    if reasons:
        raise Refused(*reasons)
    return person


def mismatches(person: Person, credential: Credential, further: Sequence[str] = ()) -> list[Refusal]:
    """Certificate number and name must be the person's where the message gives them. Pure.

    `further` are the numbers of the person's certificates besides the first.
    """
    reasons = []
    certno = normalised(credential.certno)
    if certno and certno not in (normalised(person.certno), *further):
        reasons.append(Refusal("P104", "证件号码与凭证对应的参保人不一致", "请核对证件号码", "certno"))
    name = credential.psn_name.strip()
    if name and name != person.psn_name:
        reasons.append(Refusal("P105", "姓名与凭证对应的参保人不一致", "请核对姓名，防止冒名就医", "psn_name"))
    return reasons


async def care_facts(connection: Connection, psn_no: str, on: date) -> CareFacts:
    """Everything about the person that decides a bill on `on`; raises `Refused` P106 for an unknown number."""
    answer = await connection.fetchval(CARE_FACTS, psn_no, on)
    if answer is None:
        raise Refused(unknown_person(psn_no))
    return care_facts_from_json(answer)


def unknown_person(psn_no: str) -> Refusal:
    """The refusal for a person number that is not registered."""
    return Refusal("P106", f"人员编号{psn_no}不存在", "请先用1101获取人员编号", "psn_no")


def merged_person(psn_no: str, merged_into: str) -> Refusal:
    """The refusal for the number of a duplicate record; it names the number to use."""
    text = f"人员编号{psn_no}是重复登记，已并入{merged_into}"
    return Refusal("P118", text, f"请改用人员编号{merged_into}", "psn_no")


async def refuse_duplicate(connection: Connection, psn_no: str) -> None:
    """Raise `Refused` P118 when the number is a duplicate's."""
    merged_into = await connection.fetchval(MERGED_INTO, psn_no)
    if merged_into:
        raise Refused(merged_person(psn_no, merged_into))


async def active_filings(connection: Connection, psn_no: str, kind: str = "") -> list[Filing]:
    """Filings not withdrawn, newest first; `kind` "" for all (5301 chronic, 5302 fixed_institution)."""
    return [msgspec.convert(row[0], Filing) for row in await connection.fetch(FILINGS, psn_no, kind)]


async def filing(connection: Connection, trt_dcla_detl_sn: str) -> Filing | None:
    """One filing by its number, withdrawn or not."""
    found = await connection.fetchval(FILING, trt_dcla_detl_sn)
    return None if found is None else msgspec.convert(found, Filing)


async def _by_credential(connection: Connection, credential: Credential, on: date) -> Person:
    title = CREDENTIAL_TITLES[credential.mdtrt_cert_type]
    row: Any = await connection.fetchrow(BY_CREDENTIAL, credential.mdtrt_cert_type, credential.mdtrt_cert_no)
    if row is None:
        raise Refused(
            Refusal("P102", f"未找到该{title}对应的参保人", "请重新读取凭证，或改用居民身份证", "mdtrt_cert_no")
        )
    if row["valid_to"] is not None and row["valid_to"] < on:
        raise Refused(
            Refusal(
                "P103", f"该{title}已于{row['valid_to']}失效", "请参保人更换凭证，或改用居民身份证", "mdtrt_cert_no"
            )
        )
    return msgspec.convert(row["person"], Person)


async def _by_certificate(connection: Connection, credential: Credential) -> Person:
    """Some clients send the certificate TYPE as mdtrt_cert_no: then certno speaks."""
    number = normalised(credential.mdtrt_cert_no)
    if len(number) <= 3 and credential.certno:
        number = normalised(credential.certno)
    kind = credential.psn_cert_type.zfill(2) if credential.psn_cert_type else "01"
    if kind == "01" and not is_identity_number(number):
        raise Refused(
            Refusal("P101", "居民身份证号码不正确（位数、出生日期或校验码有误）", "请核对身份证号码", "mdtrt_cert_no")
        )
    found = await connection.fetchval(BY_CERTIFICATE, kind, number)
    if found is None:
        raise Refused(
            Refusal("P102", "未找到该证件对应的参保人", "请核对证件类型和号码，确认是否已参保", "mdtrt_cert_no")
        )
    return msgspec.convert(found, Person)

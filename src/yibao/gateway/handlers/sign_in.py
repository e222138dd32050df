"""9001 sign in (签到), 9002 sign out (签退): one per operator; other messages may carry the sign_no, none must."""

from yibao.core import dates
from yibao.core.errors import Refusal, Refused
from yibao.gateway.fields import time_text
from yibao.gateway.registry import Call, Output, transaction

SIGN_IN = """
insert into gateway.sign_in (fixmedins_code, opter_no, mac, ip, sign_time) values ($1, $2, $3, $4, $5)
returning sign_no
"""
SIGN_OUT = """
update gateway.sign_in set sign_out_time = $4
where sign_no = $1 and fixmedins_code = $2 and opter_no = $3 and sign_time::date = $4::timestamp::date
returning sign_no
"""


@transaction("9001", writes=True)
async def sign_in(call: Call) -> Output:
    """9001: a sign_no for one operator of the institution."""
    row, now = call.nodes["signIn"], dates.now()
    sign_no = await call.connection.fetchval(
        SIGN_IN, call.institution, row["opter_no"], row.get("mac", ""), row.get("ip", ""), now
    )
    return {"signinoutb": {"sign_no": sign_no, "sign_time": time_text(now)}}


@transaction("9002", writes=True)
async def sign_out(call: Call) -> Output:
    """9002: only on the day of the sign-in."""
    row, now = call.nodes["signOut"], dates.now()
    done = await call.connection.fetchval(SIGN_OUT, row["sign_no"], call.institution, row["opter_no"], now)
    if done is None:
        text = f"签到编号{row['sign_no']}在今日没有该操作员的签到记录"
        raise Refused(Refusal("G013", text, "请核对签到编号和操作员编号，签退仅限签到当日", "signOut.sign_no"))
    return {"sign_time": time_text(now)}

"""The national interface of institutions (定点医药机构接口): envelope, signatures, validation, transactions.

One message: `dispatch.Gateway` reads the body → `signature` proves who sent it → `envelope` reads it
tolerantly → `validate` checks it against `interface/transactions.json` → the handler of its transaction
group (`handlers/`) calls an area's actions → the reply goes back in its envelope. See docs/gateway.md.
"""

"""One file per transaction group; importing this package registers every handler."""

from yibao.gateway.handlers import persons, sign_in

GROUPS = (sign_in, persons)

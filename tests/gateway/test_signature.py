"""Signatures, the time window, nonces: who is let in, and with which text the others are turned away."""

import asyncio
import json
import time

import pytest

from tests.gateway.client import api_headers, tif_headers
from tests.gateway.conftest import KEY, City
from yibao.core.config import ConfigurationError
from yibao.core.crypto import Unsealable, seal, sm3_hex, unseal
from yibao.gateway.credentials import Credential, revoke_credential, write_credential
from yibao.gateway.dispatch import signature_window
from yibao.gateway.signature import (
    DIFFERS,
    EXPIRED,
    MISSING,
    REPLAYED,
    UNKNOWN,
    Gatekeeper,
    Unauthorized,
    api_text,
    sign_api,
    sign_tif,
)


def test_tif_signature_is_the_sha256_of_timestamp_secret_nonce_timestamp() -> None:
    # printf '1700000000s3cretabc1700000000' | sha256sum
    assert sign_tif("s3cret", "1700000000", "abc") == (
        "e6dca4d856c0d0358b2bc28f809138abd21da4d399e68209ae1e3d81eda6843e"
    )


def test_api_signature_is_the_hmac_sha1_of_the_sorted_headers() -> None:
    text = api_text("key", "hsa-fsi-2207", "1700000000000", "1.0.0")
    assert text == "_api_access_key=key&_api_name=hsa-fsi-2207&_api_timestamp=1700000000000&_api_version=1.0.0"
    # printf '%s' "$text" | openssl dgst -sha1 -hmac s3cret -binary | base64
    assert sign_api("s3cret", text) == "NpIcWePxw//CSHe/gVYPhlQZgnE="


def test_sm3_gives_the_digest_of_the_standard_example() -> None:
    assert sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_sealed_secret_opens_only_under_its_key_and_purpose() -> None:
    sealed = seal(b"secret", KEY, "one")
    assert b"secret" not in sealed
    assert unseal(sealed, KEY, "one") == b"secret"
    for wrong in (
        lambda: unseal(sealed, bytes(32), "one"),
        lambda: unseal(sealed, KEY, "two"),
        lambda: unseal(b"", KEY, "one"),
    ):
        with pytest.raises(Unsealable):
            wrong()


async def turned_away(city: City, headers: dict[str, str]) -> str:
    body = json.dumps(city.hospital.envelope("5101", {})).encode()
    response = await city.hospital.send(body, headers=headers)
    assert response.status_code == 401, response.text
    answer = response.json()
    assert answer["code"] == 401
    return str(answer["message"])


async def test_both_header_families_are_let_in(city: City) -> None:
    body = json.dumps(city.hospital.envelope("5101", {})).encode()
    for headers in (
        tif_headers(city.hospital.code, city.hospital.secret),
        api_headers(city.hospital.code, city.hospital.secret, "5101"),
        api_headers(city.hospital.code, city.hospital.secret, "hsa-fsi-5101"),
    ):
        response = await city.hospital.send(body, headers=headers)
        assert response.json()["infcode"] == 0


async def test_each_reason_has_its_text(city: City) -> None:
    code, secret = city.hospital.code, city.hospital.secret
    assert await turned_away(city, {}) == MISSING
    old = time.time() - 31 * 60
    assert await turned_away(city, tif_headers(code, secret, at=old)) == EXPIRED.format(30)
    assert await turned_away(city, api_headers(code, secret, "5101", at=old)) == EXPIRED.format(30)
    assert await turned_away(city, tif_headers("nobody", secret)) == UNKNOWN
    assert await turned_away(city, tif_headers(code, secret) | {"x-tif-nonce": "other"}) == DIFFERS
    assert await turned_away(city, tif_headers(code, secret) | {"x-tif-timestamp": "soon"}) == MISSING


async def test_a_nonce_works_once_for_all_processes_and_after_a_restart(city: City) -> None:
    headers = tif_headers(city.hospital.code, city.hospital.secret, nonce="once")
    body = json.dumps(city.hospital.envelope("5101", {})).encode()
    assert (await city.hospital.send(body, headers=headers)).status_code == 200
    assert await turned_away(city, headers) == REPLAYED
    other_process = Gatekeeper(city.town.database, KEY)
    with pytest.raises(Unauthorized, match="随机数"):
        await other_process.admit(headers)


async def test_of_many_replays_at_the_same_moment_exactly_one_is_let_in(city: City) -> None:
    headers = tif_headers(city.hospital.code, city.hospital.secret, nonce="race")
    body = json.dumps(city.hospital.envelope("5101", {})).encode()
    answers = await asyncio.gather(*(city.hospital.send(body, headers=headers) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19


async def test_a_nonce_of_a_wrong_signature_is_not_used_up(city: City) -> None:
    stolen = tif_headers(city.hospital.code, "wrong", nonce="mine")
    assert await turned_away(city, stolen) == DIFFERS
    headers = tif_headers(city.hospital.code, city.hospital.secret, nonce="mine")
    assert (await city.hospital.send(b"{}", headers=headers)).status_code == 200


async def test_a_revoked_credential_is_refused(city: City) -> None:
    async with city.town.database.transaction() as connection:
        await write_credential(connection, KEY, Credential("extra", city.hospital.code, "s"))
        await revoke_credential(connection, "extra")
    assert await turned_away(city, tif_headers("extra", "s")) == UNKNOWN


async def test_secrets_are_not_readable_in_the_database(city: City) -> None:
    async with city.town.database.connection() as connection:
        sealed = await connection.fetchval("select secret_sealed from gateway.credential limit 1")
    assert b"secret" not in bytes(sealed)


async def test_an_institution_may_demand_the_digest_of_input_in_cainfo(city: City) -> None:
    strict = Credential("strict", city.hospital.code, "s", require_digest=True)
    async with city.town.database.transaction() as connection:
        await write_credential(connection, KEY, strict)
    sent = '{"data": {"psn_no":  "w1"}}'  # the bytes as sent count, blanks too
    message = city.hospital.envelope("5301", "@")
    body = json.dumps(message).replace('"@"', sent)
    right = body.replace('"cainfo": ""', f'"cainfo": "{sm3_hex(sent.encode())}"')
    answer = await city.hospital.send(right.encode(), headers=tif_headers("strict", "s"))
    assert answer.json()["infcode"] == 0
    for wrong in (body, right.replace('"w1"', '"w2"')):
        answer = await city.hospital.send(wrong.encode(), headers=tif_headers("strict", "s"))
        assert answer.json()["output"]["faults"][0]["code"] == "G007"


def test_the_time_window_is_thirty_minutes_or_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIBAO_SIGNATURE_WINDOW", raising=False)
    assert signature_window() == 1800
    monkeypatch.setenv("YIBAO_SIGNATURE_WINDOW", "5")
    assert signature_window() == 300
    monkeypatch.setenv("YIBAO_SIGNATURE_WINDOW", "forever")
    with pytest.raises(ConfigurationError):
        signature_window()

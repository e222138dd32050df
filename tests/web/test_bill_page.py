"""The page of one bill."""

import httpx

from tests.web.city import City


async def test_a_clerk_sees_a_bill_with_its_layers_and_lines(clerk: httpx.AsyncClient, city: City) -> None:
    answer = await clerk.get(f"/bills/{city.bills['stay']}")
    assert answer.status_code == 200
    for words in (
        "张德厚",
        "淮北市人民医院",
        "谁付了多少",
        "居民医保统筹",
        "居民大病保险",
        "医疗救助",
        "冠状动脉造影术",
    ):
        assert words in answer.text, words

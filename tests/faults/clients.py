"""Packers who never give up: each scans on, and sends a scan again under its id until it is answered.

They sign in with badge and PIN over HTTP, as a program does, and pack one unit a scan. Every tenth answered scan is sent
once more, as a late duplicate, and must be answered with the very same bytes.
"""

import asyncio
import random
from typing import Any

import httpx
import msgspec
import uuid_utils

from tests.faults.history import Told

TRY_AGAIN_S = 0.1
GIVE_UP_AFTER = 900  # tries of one scan
PIN = "4711"


class Crew:
    def __init__(self, url: str, barcodes: dict[str, str], seed: int) -> None:
        self.url = url
        self.told: list[Told] = []
        self.wrong: list[str] = []
        self.stopping = False
        self._barcodes = barcodes  # worker → what lies in their tote
        self._random = random.Random(seed)

    async def work(self) -> None:
        """Until `stopping`; then every scan under way is answered first."""
        await asyncio.gather(*(self._pack(worker, barcode) for worker, barcode in self._barcodes.items()))

    async def _pack(self, worker: str, barcode: str) -> None:
        headers = {"accept": "application/json"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=20) as client:
            signed_in = await self._sign_in(client, worker)
            step, client.headers["x-csrf"] = signed_in["answer"]["step"], signed_in["csrf"]
            while not self.stopping:
                told = Told(id=str(uuid_utils.uuid7()), worker=worker)
                self.told.append(told)
                scan = {"id": told.id, "after": step, "raw": barcode, "at": 0}
                answer = await self._until_answered(client, scan, told)
                told.body, told.answered = answer, True
                known = msgspec.json.decode(answer)
                verdict = known["verdict"] or {}
                told.outcome = verdict.get("code") or verdict.get("kind", "ok")
                told.seq, step = known.get("seq", 0), known["step"]
                if not told.seq:
                    self.wrong.append(f"{worker}: {known}")
                if self._random.random() < 0.1 and await self._until_answered(client, scan, told) != answer:
                    self.wrong.append(f"{worker}: another answer to {told.id}")

    async def _sign_in(self, client: httpx.AsyncClient, worker: str) -> Any:
        body = {"badge": f"B-{worker}", "pin": PIN, "takeover": True}
        for _ in range(GIVE_UP_AFTER):
            try:
                response = await client.post("/floor/pin", json=body)
                if response.status_code == 200:
                    return response.json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(TRY_AGAIN_S)
        raise AssertionError(f"{worker} could not sign in")

    async def _until_answered(self, client: httpx.AsyncClient, scan: dict[str, object], told: Told) -> bytes:
        for _ in range(GIVE_UP_AFTER):
            told.tries += 1
            try:
                response = await client.post("/floor/scan", json=scan)
                if response.status_code == 200:
                    return response.content
                if response.status_code != 503:
                    raise AssertionError(f"scan {told.id}: {response.status_code} {response.text}")
            except httpx.TransportError:
                pass
            await asyncio.sleep(TRY_AGAIN_S * self._random.random())
        raise AssertionError(f"scan {told.id} was never answered")

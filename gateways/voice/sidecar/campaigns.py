"""Which campaign a dialled number belongs to."""

import logging

from cartera.client import AsyncClient
from cartera.routing.v1.channel_pb2 import CHANNEL_VOICE

PAGE = 1000

logger = logging.getLogger(__name__)


class Campaigns:
    """The voice numbers of the tenant's campaigns, read anew when one has changed."""

    def __init__(self, client: AsyncClient, disposition: str) -> None:
        self._client = client
        self._disposition = disposition
        self._by_number: dict[str, str] | None = None

    async def of(self, number: str) -> str | None:
        """The campaign's id."""
        if self._by_number is None:
            self._by_number = await self._read()
        return self._by_number.get(number)

    def changed(self) -> None:
        self._by_number = None

    async def _read(self) -> dict[str, str]:
        numbers: dict[str, str] = {}
        token = ""
        while True:
            listed = await self._client.configuration.ListCampaigns(page_size=PAGE, page_token=token)
            for campaign in listed.campaigns:
                voice = [address.address for address in campaign.addresses if address.channel == CHANNEL_VOICE]
                numbers |= dict.fromkeys(voice, campaign.campaign_id)
                if voice and self._disposition not in {each.name for each in campaign.dispositions}:
                    logger.error(
                        "calls to campaign %s can't be completed: it has no %r", campaign.campaign_id, self._disposition
                    )
            token = listed.next_page_token
            if not token:
                return numbers

"""What an expectation written by hand consists of; GX and the gate run the same query."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Judgement:
    """A query over `{batch}` (the waiting rows) that returns `_delivery_id` and `found` per failing delivery.

    `critical` holds the delivery, `warning` is only reported. `reason` completes the sentence "held because ...".
    """

    name: str
    severity: str
    reason: str
    query: str

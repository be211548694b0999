"""What an expectation written by hand consists of; GX and the gate run the same query."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Judgement:
    """A query over `{batch}` (the waiting rows) that returns `_delivery_id` and `found` per failing delivery.

    `critical` holds the delivery, `warning` is only reported. `reason` completes the sentence "held because ...".
    A critical query that looks at other deliveries judges as at the arrival of its own, and returns a third column:
    the `_received_at` of the first later arrival that cleared it, null while none has.
    """

    name: str
    severity: str
    reason: str
    query: str

"""Judgement on the registrar's decisions: who joins or parts two children signs for it."""

from expectations.judgement import Judgement

JUDGEMENTS = [
    Judgement(
        name="decision_without_judge_or_day",
        severity="warning",
        # 2026-11: it counts all the same; the officer is asked for the name, as a merge must be answered for.
        reason="decisions without the officer's name or the day",
        query="""
            select _delivery_id, count(*) || ' baris' as found
            from {batch}
            where decision is not null and (judged_by is null or judged_on is null)
            group by _delivery_id
        """,
    ),
]

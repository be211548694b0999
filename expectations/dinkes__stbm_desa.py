"""Judgement on the sanitation ladder of a desa."""

from expectations.judgement import Judgement

JUDGEMENTS = [
    Judgement(
        name="ladder_sums_to_families",
        severity="warning",
        # 2026-11: STBM counts families; the four rungs may miss the total by 2 % for houses in between.
        reason="the rungs of the ladder do not add up to the families",
        query="""
            select _delivery_id, count(*) || ' desa' as found
            from {batch}
            where abs(permanent_latrine_families + semi_permanent_latrine_families + shared_latrine_families
                + open_defecation_families - families) > 0.02 * families
            group by _delivery_id
        """,
    ),
]

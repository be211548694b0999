"""Walks a numerator of opd_progress back to the records or reports that an agency delivered.

What makes a record count is said here once more, in the words of the models int_indicators_*; `make explain` compares
the rows with the published number, so the two cannot part unnoticed.
"""

from dataclasses import dataclass

import duckdb

from include.explain_weighings import FATES, WEIGHINGS, walk_weighings

LEVELS = {
    "desa": "desa_code",
    "kecamatan": "kecamatan_code",
    "puskesmas": "served_by",
    "kabupaten": "kabupaten_code",
}
# indicators that are counted of the weighings of the quarter's last month
WEIGHED = {"stunting": "stunted", "pantau_tumbuh": "measured"}


@dataclass(frozen=True)
class Records:
    """Records of persons or families: which are known, which belong to the denominator, which to the numerator."""

    dataset: str
    relation: str
    known: str
    counted: str
    reached: str


@dataclass(frozen=True)
class Reports:
    """Counts that an agency delivers: the figure of each row, the newest row of a place and quarter holding."""

    dataset: str
    relation: str
    figure: str


def _limit(indicator: str, name: str) -> str:
    return f"(select value from seeds.indicator_parameters where indicator_id = '{indicator}' and name = '{name}')"


_PREGNANCIES = """
    select quarters.*, sent.delivery_id, sent.delivery_row
    from intermediate.int_pregnancy_quarters as quarters
    inner join staging.stg_dinkes__pregnancies as sent using (pregnancy_key, as_of)
"""
# the last list that has the delivery, which may be of a later quarter
_DELIVERED = """
    select delivered.*, sent.delivery_id, sent.delivery_row
    from intermediate.int_pregnancies_delivered as delivered
    inner join staging.stg_dinkes__pregnancies as sent using (pregnancy_key, as_of)
"""
_COUPLES = f"""
    select names.desa_code, names.kecamatan_code, date_trunc('quarter', sent.as_of) as quarter,
        sent.examined_on <= sent.wedding_on - {_limit("catin_diperiksa", "days_before_wedding")}::integer as is_examined,
        sent.delivery_id, sent.delivery_row
    from staging.stg_dkbp3a__brides as sent
    left join intermediate.int_desa_names as names using (kecamatan_name, desa_name)
"""
_AT_RISK = """
    select names.desa_code, names.kecamatan_code, date_trunc('quarter', sent.as_of) as quarter, sent.is_at_risk,
        sent.is_accompanied, sent.delivery_id, sent.delivery_row
    from staging.stg_dkbp3a__families_at_risk as sent
    left join intermediate.int_desa_names as names using (kecamatan_name, desa_name)
"""
_FAMILIES = """
    select quarters.*, sent.delivery_id, sent.delivery_row
    from intermediate.int_family_quarters as quarters
    inner join staging.stg_dinsos__families as sent using (no_kk, as_of)
"""
# the row by which the register knew the child last
_IMMUNISED = """
    select quarters.*, sent.delivery_id, sent.delivery_row
    from intermediate.int_immunisation_quarters as quarters
    inner join (
        select links.child_id, max_by(delivery_id, (as_of, received_at, delivery_row)) as delivery_id,
            max_by(delivery_row, (as_of, received_at, delivery_row)) as delivery_row
        from staging.stg_dinkes__immunisations as written
        inner join intermediate.int_child_links as links
            on links.agency = 'dinkes_imunisasi' and written.identity_key = links.identity_key
        group by links.child_id
    ) as sent using (child_id)
"""


def _reports(model: str, place: str = "desa") -> str:
    """SQL of the rows of a staging model of counts, with place, quarter, and the rank of the row among its like."""
    names = {
        "desa": "left join intermediate.int_desa_names as names using (kecamatan_name, desa_name)",
        "kecamatan": "left join intermediate.int_kecamatan_names as names using (kecamatan_name)",
        "code": "inner join seeds.ref_desa as names using (desa_code)",
    }[place]
    desa = "null" if place == "kecamatan" else "names.desa_code"
    written = {"desa": "kecamatan_name, desa_name", "kecamatan": "kecamatan_name", "code": "desa_code"}[place]
    return f"""
        select sent.*, {desa} as place_code, names.kecamatan_code, date_trunc('quarter', sent.dated_on) as quarter,
            row_number() over (
                partition by coalesce({desa}, names.kecamatan_code, concat_ws('/', {written})), $quarter::date
                order by sent.dated_on desc, sent.received_at desc, sent.delivery_id desc, sent.delivery_row desc
            ) as recency
        from ({model}) as sent
        {names}
    """


def _of_quarter(model: str, dated: str = "counted_on") -> str:
    return f"select *, {dated} as dated_on from staging.{model} where date_trunc('quarter', {dated}) = $quarter::date"


def _of_year(model: str) -> str:
    """A count of a year holds until a later one comes."""
    return (
        f"select * exclude (year), make_date(year, 1, 1) as dated_on from staging.{model} "
        "where year <= year($quarter::date)"
    )


RECORDS = {
    "bumil_kek_pmt": Records(
        "dinkes/ibu_hamil",
        _PREGNANCIES,
        f"muac_cm >= {_limit('bumil_kek_pmt', 'muac_cm')} or muac_cm is not null and is_given_extra_food is not null",
        f"muac_cm < {_limit('bumil_kek_pmt', 'muac_cm')}",
        "is_given_extra_food",
    ),
    "bumil_ttd90": Records(
        "dinkes/ibu_hamil",
        _DELIVERED,
        "iron_tablets is not null",
        "true",
        f"iron_tablets >= {_limit('bumil_ttd90', 'iron_tablets')}",
    ),
    "bumil_anc": Records(
        "dinkes/ibu_hamil",
        _DELIVERED,
        "antenatal_visits is not null",
        "true",
        f"antenatal_visits >= {_limit('bumil_anc', 'antenatal_visits')}",
    ),
    "kb_pasca_salin": Records(
        "dinkes/ibu_hamil", _DELIVERED, "is_using_contraception is not null", "true", "is_using_contraception"
    ),
    "imunisasi_dasar_lengkap": Records("dinkes/imunisasi", _IMMUNISED, "is_listed", "true", "is_complete"),
    "catin_diperiksa": Records("dkbp3a/catin", _COUPLES, "true", "true", "is_examined"),
    "krs_didampingi": Records(
        "dkbp3a/krs_keluarga",
        _AT_RISK,
        "is_at_risk is not null and (not is_at_risk or is_accompanied is not null)",
        "is_at_risk",
        "is_accompanied",
    ),
    "air_minum_layak": Records(
        "dinsos/dtsen_keluarga", _FAMILIES, "has_improved_water is not null", "true", "has_improved_water"
    ),
    "sanitasi_layak": Records(
        "dinsos/dtsen_keluarga",
        _FAMILIES,
        "latrine_level is not null",
        "true",
        "latrine_level in ('safe_or_proper_own', 'proper_shared')",
    ),
    "pkh_miskin": Records(
        "dinsos/dtsen_keluarga",
        _FAMILIES,
        "decile_high is not null and has_cash_aid is not null",
        f"decile_high <= {_limit('pkh_miskin', 'decile')}",
        "has_cash_aid",
    ),
    "bantuan_pangan": Records(
        "dinsos/dtsen_keluarga",
        _FAMILIES,
        "decile_high is not null and has_food_aid is not null",
        f"decile_high <= {_limit('bantuan_pangan', 'decile')}",
        "has_food_aid",
    ),
}
_SANITATION = f"""
    select * from ({_of_quarter("stg_dinkes__desa_sanitation", "reported_on")}) where open_defecation_families <= families
"""
REPORTS = {
    "desa_stop_babs": Reports("dinkes/stbm_desa", _reports(_SANITATION), "(open_defecation_families = 0)::integer"),
    "bkb_hadir": Reports(
        "dkbp3a/bkb_desa", _reports(_of_quarter("stg_dkbp3a__parenting_groups")), "attending_families"
    ),
    "kpm_aktif": Reports("dpmd/ehdw_desa", _reports(_of_quarter("stg_dpmd__village_scorecards")), "active_cadres"),
    "konvergensi_kpm": Reports(
        "dpmd/ehdw_desa", _reports(_of_quarter("stg_dpmd__village_scorecards")), "converged_households"
    ),
    "dana_desa_stunting": Reports(
        "dpmd/dana_desa", _reports(_of_quarter("stg_dpmd__village_funds"), "code"), "stunting_spent_rp"
    ),
    "paud_2_6": Reports("dindik/paud_desa", _reports(_of_year("stg_dindik__early_education")), "children_attending"),
    "guru_paud_terlatih": Reports(
        "dindik/paud_desa", _reports(_of_year("stg_dindik__early_education")), "trained_teachers"
    ),
    "desa_rentan_pangan": Reports(
        "ketahanan_pangan/fsva_desa",
        _reports(_of_year("stg_ketahanan_pangan__food_security"), "code"),
        f"(priority <= {_limit('desa_rentan_pangan', 'priority')})::integer",
    ),
    "bimwin": Reports(
        "kemenag/bimwin",
        _reports(_of_quarter("stg_kemenag__marriage_counselling"), "kecamatan"),
        "counselled_couples",
    ),
}
# konvergensi_1000hpk is not among them: a household is made of the records of many agencies
INDICATORS = (*WEIGHED, *RECORDS, *REPORTS)


def walk_indicator(con: duckdb.DuckDBPyConnection, indicator: str, level: str, area: str, quarter: str) -> None:
    """Fill the temporary table `walked` for a numerator; `quarter` is its first day, as ISO text."""
    if column := WEIGHED.get(indicator):
        [(month,)] = con.execute("select strftime(?::date + interval 2 month, '%Y-%m-%d')", [quarter]).fetchall()
        walk_weighings(con, LEVELS[level], area, month, column)
        return
    source = RECORDS.get(indicator) or REPORTS[indicator]
    judged = _judged_records(source) if isinstance(source, Records) else _judged_reports(source)
    con.execute(
        _WALKED.format(
            judged=judged,
            unaccepted=_unaccepted(con, source.dataset),
            here="$area is not null" if level == "kabupaten" else f"{LEVELS[level]} = $area",
        ),
        {"quarter": quarter, "area": area},
    )


def dataset_of(indicator: str) -> str:
    """Return the contract whose rows an indicator counts, as agency/dataset."""
    return WEIGHINGS if indicator in WEIGHED else (RECORDS.get(indicator) or REPORTS[indicator]).dataset


def _judged_records(source: Records) -> str:
    return f"""
        select delivery_id, delivery_row, 1 as amount, desa_code, kecamatan_code,
            case
                when not coalesce({source.known}, false) then 'not known: a cell that decides it is empty'
                when not coalesce({source.counted}, false) then 'not in the denominator'
                when not coalesce({source.reached}, false) then 'counted in the denominator, not reached'
            end as why
        from ({source.relation})
        where quarter = $quarter::date
    """


def _judged_reports(source: Reports) -> str:
    desa = "place_code as desa_code"
    return f"""
        select delivery_id, delivery_row, coalesce({source.figure}, 0) as amount, {desa}, kecamatan_code,
            case when recency > 1 then 'a later report of the same place holds' end as why
        from ({source.relation})
    """


def _unaccepted(con: duckdb.DuckDBPyConnection, dataset: str) -> str:
    """SQL of the rows of the quarter that staging never saw, with the place that they name."""
    agency, name = dataset.split("/")
    columns = {
        row[0]
        for row in con.execute(
            "select column_name from duckdb_columns() where database_name = current_database() and schema_name = ? and table_name = ?",
            [agency, name],
        ).fetchall()
    }
    if "desa_code" in columns:
        places = "left join seeds.ref_desa as names using (desa_code)"
    elif "desa_bps_code" in columns:
        places = "left join seeds.ref_desa as names on sent.desa_bps_code = names.bps_code"
    elif "desa_name" in columns:
        places = "left join intermediate.int_desa_names as names using (kecamatan_name, desa_name)"
    else:
        places = "left join intermediate.int_kecamatan_names as names using (kecamatan_name)"
    desa = "names.desa_code" if "int_kecamatan_names" not in places else "null"
    return f"""
        select sent._delivery_id as delivery_id, sent._row as delivery_row, 0 as amount, {desa} as desa_code,
            names.kecamatan_code, sent._status as status
        from {agency}.{name} as sent
        {places}
        where sent._status <> 'accepted'
            and sent._period in (year($quarter::date)::varchar, year($quarter::date) || '-Q' || quarter($quarter::date))
    """


_WALKED = f"""
create or replace temp table walked as
with
    judged as ({{judged}}),
    unaccepted as (
        select delivery_id, delivery_row, amount, desa_code, kecamatan_code, {FATES} as why
        from ({{unaccepted}})
        left join (
            select delivery_id, delivery_row, string_agg(column_name || ': ' || reason, '; ' order by column_name, reason) as faults
            from audit.quarantine
            where severity = 'error'
            group by all
        ) using (delivery_id, delivery_row)
    ),
    rows_found as (select * from judged union all by name select * from unaccepted),
    placed as (
        select delivery_id, delivery_row, amount, why,
            coalesce(rows_found.desa_code, 'unknown') as desa_code,
            coalesce(rows_found.kecamatan_code, 'unknown') as kecamatan_code,
            coalesce(served.puskesmas_code, 'unknown') as served_by
        from rows_found
        left join seeds.ref_puskesmas_desa as served on rows_found.desa_code = served.desa_code
    )
select delivery_id, delivery_row, delivery_id || '/' || delivery_row as subject, amount, why is null as counts, why
from placed
where {{here}}
"""

{#- Levels of agreement between two records l and r, per comparison, in order: the first
condition that holds is the pair's level. The points of each level are rows of the seed
linkage_points. Plain Jinja and portable SQL, so that other engines read the same text. -#}
{%- macro alike(left, right, percent) -%}
levenshtein({{ left }}, {{ right }}) * 100 <= {{ percent }} * greatest(length({{ left }}), length({{ right }}))
{%- endmacro -%}
{%- macro parents_alike(percent) -%}
coalesce({{ alike("l.parent_1", "r.parent_1", percent) }}, false) or coalesce({{ alike("l.parent_1", "r.parent_2", percent) }}, false) or coalesce({{ alike("l.parent_2", "r.parent_1", percent) }}, false) or coalesce({{ alike("l.parent_2", "r.parent_2", percent) }}, false)
{%- endmacro -%}
{%- macro linkage_levels() -%}
{
"nik": [
  ["missing", "l.nik is null or r.nik is null"],
  ["same", "l.nik = r.nik"],
  ["neighbour", "left(l.nik, 12) = left(r.nik, 12)"],
  ["one_off", "levenshtein(l.nik, r.nik) = 1"],
  ["differs", "true"]],
"no_kk": [
  ["missing", "l.no_kk is null or r.no_kk is null"],
  ["same", "l.no_kk = r.no_kk"],
  ["one_off", "levenshtein(l.no_kk, r.no_kk) = 1"],
  ["differs", "true"]],
"born_on": [
  ["same", "l.born_day = r.born_day"],
  ["swapped", "year(l.born_on) = year(r.born_on) and month(l.born_on) = day(r.born_on) and day(l.born_on) = month(r.born_on)"],
  ["one_day", "abs(l.born_day - r.born_day) = 1"],
  ["one_part", "(case when year(l.born_on) = year(r.born_on) then 1 else 0 end) + (case when month(l.born_on) = month(r.born_on) then 1 else 0 end) + (case when day(l.born_on) = day(r.born_on) then 1 else 0 end) = 2"],
  ["month", "abs(l.born_day - r.born_day) <= 31"],
  ["differs", "true"]],
"sex": [
  ["same", "l.sex = r.sex"],
  ["differs", "true"]],
"name": [
  ["missing", "l.name_key is null or r.name_key is null"],
  ["same_rare", "l.name_key = r.name_key and least(l.name_count, r.name_count) <= 8"],
  ["same", "l.name_key = r.name_key"],
  ["near", "{{ alike('l.name_key', 'r.name_key', 15) }}"],
  ["part", "left(l.name_key, length(r.name_key) + 1) = r.name_key || ' ' or left(r.name_key, length(l.name_key) + 1) = l.name_key || ' ' or (l.first_key = r.last_key and l.last_key = r.first_key)"],
  ["first", "{{ alike('l.first_key', 'r.first_key', 25) }}"],
  ["loose", "{{ alike('l.name_key', 'r.name_key', 40) }}"],
  ["differs", "true"]],
"parent": [
  ["missing", "coalesce(l.parent_1, l.parent_2) is null or coalesce(r.parent_1, r.parent_2) is null"],
  ["both", "({{ alike('l.parent_1', 'r.parent_1', 20) }} and {{ alike('l.parent_2', 'r.parent_2', 20) }}) or ({{ alike('l.parent_1', 'r.parent_2', 20) }} and {{ alike('l.parent_2', 'r.parent_1', 20) }})"],
  ["only_one", "({{ parents_alike(20) }}) and (l.parent_1 is null or l.parent_2 is null or r.parent_1 is null or r.parent_2 is null)"],
  ["one_of_two", "{{ parents_alike(20) }}"],
  ["loose", "{{ parents_alike(45) }}"],
  ["differs", "true"]],
"desa": [
  ["missing", "l.desa_code is null or r.desa_code is null"],
  ["same", "l.desa_code = r.desa_code"],
  ["same_kecamatan", "l.kecamatan_code = r.kecamatan_code"],
  ["elsewhere", "true"]]
}
{%- endmacro -%}

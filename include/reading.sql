-- How one text cell becomes a value. A cell that cannot be read is null here and named in _unreadable or _lost.

-- A cell without blanks around it, blanks inside made plain: web pages and Excel write no-break spaces and tabs.
create or replace macro without_blanks(cell) as
    trim(translate(cell, chr(160) || chr(8239) || chr(8199) || chr(65279) || chr(8203) || chr(9) || chr(31), '       '));

-- The sign that our own exports put before what a spreadsheet might compute (include/cells.py).
create or replace macro without_guard(cell) as
    case
        when starts_with(cell, '''') then regexp_replace(cell, '^''([\s\x{a0}\x{200b}\x{feff}]*[-=+@﹦﹢﹣﹫＝＋－＠])', '\1')
        else cell
    end;

create or replace macro is_blank(cell) as
    not regexp_matches(cell, '[^\s\x1f\x{a0}\x{2007}\x{200b}\x{202f}\x{feff}]');

-- Decimal comma or point, no thousands sign: in '1.234' nobody can tell which of the two it is.
create or replace macro read_number(cell) as
    case
        when regexp_full_match(cell, '[-+]?[0-9]+([.,][0-9]+)?') then try_cast(replace(cell, ',', '.') as double)
    end;

-- A count has no decimals, so '1.234' and '1,234' are groups of thousands; '12,0' is a spreadsheet's 12, and
-- budgets write 'Rp 1.255.000,00'.
create or replace macro read_count(cell) as
    case
        when regexp_full_match(cell, '(Rp\.? *)?[-+]?[0-9]{1,3}((\.[0-9]{3})+(,0{1,2})?|(,[0-9]{3})+(\.0{1,2})?)')
            then try_cast(regexp_replace(regexp_replace(cell, '[.,]0{1,2}$', ''), '[^-0-9]', '', 'g') as bigint)
        when regexp_full_match(cell, '(Rp\.? *)?[-+]?[0-9]+([.,]0+)?')
            then try_cast(regexp_replace(regexp_replace(cell, '[.,]0+$', ''), '[^-0-9]', '', 'g') as bigint)
    end;

-- ISO and Excel's day number are clear by themselves; the order of day and month is decided once per file.
create or replace macro read_date(cell, date_order) as
    case
        when regexp_full_match(cell, '[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T].*)?')
            then try_strptime(replace(regexp_extract(cell, '^[^ T]+'), '/', '-'), '%Y-%m-%d')::date
        when regexp_full_match(cell, '[1-6][0-9]{4}([.,][0-9]+)?')
            then (date '1899-12-30' + try_cast(left(cell, 5) as integer))::date
        when not regexp_full_match(cell, '[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}([ T].*)?') then null
        when date_order = 'day first'
            then try_strptime(regexp_replace(regexp_extract(cell, '^[^ T]+'), '[-.]', '/', 'g'), '%d/%m/%Y')::date
        when date_order = 'month first'
            then try_strptime(regexp_replace(regexp_extract(cell, '^[^ T]+'), '[-.]', '/', 'g'), '%m/%d/%Y')::date
    end;

-- 16 digits or nothing: masked ('36041**********'), cut ('3.60412E+15') and short numbers are lost, never rounded.
create or replace macro read_identifier(cell) as
    case
        when regexp_full_match(replace(ltrim(cell, ''''), ' ', ''), '[0-9]{16}') then replace(ltrim(cell, ''''), ' ', '')
    end;

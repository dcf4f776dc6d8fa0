-- The questions Grafana's PostgreSQL data source asks in its query editor, and the form its time series have: the same
-- relations, columns, functions and operators, in our own words.

select current_setting('server_version_num')::int / 100 as version;

select extversion from pg_extension where extname = 'timescaledb';

select schema_name as "name" from information_schema.schemata
where schema_name not in ('information_schema', 'pg_catalog', 'pg_toast')
order by schema_name;

select quote_ident(table_name) as "table" from information_schema.tables
where quote_ident(table_schema) = 'public'
order by 1;

select
  case when quote_ident(table_schema) in (
    select case when trim(part[at]) = '"$user"' then user else trim(part[at]) end
    from generate_series(
        array_lower(string_to_array(current_setting('search_path'), ','), 1),
        array_upper(string_to_array(current_setting('search_path'), ','), 1)
      ) as at,
      string_to_array(current_setting('search_path'), ',') part
  ) then quote_ident(table_name) else quote_ident(table_schema) || '.' || quote_ident(table_name) end as "table"
from information_schema.tables
where quote_ident(table_schema) not in ('information_schema', 'pg_catalog')
order by 1;

select quote_ident(column_name) as "column", data_type as "type"
from information_schema.columns
where
  case when array_length(parse_ident('public.benefit_transaction'), 1) = 2
    then quote_ident(table_schema) = (parse_ident('public.benefit_transaction'))[1]
      and quote_ident(table_name) = (parse_ident('public.benefit_transaction'))[2]
    else quote_ident(table_name) = 'public.benefit_transaction'
  end;

select floor(extract(epoch from "pay_time") / 86400) * 86400 as "time", category as "metric", sum(amount) as "amount"
from benefit_transaction
where "pay_time" between '2025-10-01T00:00:00Z' and '2025-11-01T00:00:00Z'
group by 1, 2
order by 1, 2;

select date_trunc('day', "pay_time") as "time", count(*) from benefit_transaction
where pay_time >= '2025-10-01T00:00:00Z' and pay_time <= '2025-11-01T00:00:00Z'
group by 1 order by 1 limit 50;

-- The questions Metabase asks when it adds a database, syncs it and takes fingerprints of its columns: the same
-- relations, columns, functions and operators, in our own words. Its JDBC metadata calls run for real in tests/clients/jdbc.

set extra_float_digits = 2;

set application_name = 'Metabase';

show transaction isolation level;

set session characteristics as transaction isolation level read uncommitted;

set session characteristics as transaction isolation level read committed;

show timezone;

set session timezone to 'Asia/Shanghai';

select true as "_";

select to_char(current_timestamp, 'YYYY-MM-DD HH24:MI:SS.MS TZ');

select ns.nspname as "TABLE_SCHEM", current_database() as "TABLE_CATALOG"
from pg_catalog.pg_namespace as ns
where ns.nspname <> 'pg_toast'
  and (ns.nspname !~ '^pg_temp_' or ns.nspname = (pg_catalog.current_schemas(true))[1])
order by "TABLE_SCHEM";

with rights as (
  select null as role, one.schemaname as schema, one.objectname as table,
    pg_catalog.has_any_column_privilege(current_user,
      '"' || replace(one.schemaname, '"', '""') || '"."' || replace(one.objectname, '"', '""') || '"', 'update') as update,
    pg_catalog.has_any_column_privilege(current_user,
      '"' || replace(one.schemaname, '"', '""') || '"."' || replace(one.objectname, '"', '""') || '"', 'select') as select,
    pg_catalog.has_any_column_privilege(current_user,
      '"' || replace(one.schemaname, '"', '""') || '"."' || replace(one.objectname, '"', '""') || '"', 'insert') as insert,
    pg_catalog.has_table_privilege(current_user,
      '"' || replace(one.schemaname, '"', '""') || '"."' || replace(one.objectname, '"', '""') || '"', 'delete') as delete
  from (
    select schemaname, tablename as objectname from pg_catalog.pg_tables
    union
    select schemaname, viewname as objectname from pg_catalog.pg_views
    union
    select schemaname, matviewname as objectname from pg_catalog.pg_matviews
  ) as one
  where one.schemaname !~ '^pg_' and one.schemaname <> 'information_schema'
    and pg_catalog.has_schema_privilege(current_user, one.schemaname, 'usage')
)
select rights.* from rights;

select "ns"."nspname" as "schema", "c"."relname" as "name",
  case "c"."relkind" when 'r' then 'TABLE' when 'p' then 'PARTITIONED TABLE' when 'v' then 'VIEW'
    when 'f' then 'FOREIGN TABLE' when 'm' then 'MATERIALIZED VIEW' else null end as "type",
  "about"."description" as "description", "live"."n_live_tup" as "estimated_row_count"
from "pg_catalog"."pg_class" as "c"
inner join "pg_catalog"."pg_namespace" as "ns" on "c"."relnamespace" = "ns"."oid"
left join "pg_catalog"."pg_description" as "about"
  on ("c"."oid" = "about"."objoid") and ("about"."objsubid" = 0) and ("about"."classoid" = 'pg_class'::regclass)
left join "pg_stat_user_tables" as "live" on ("ns"."nspname" = "live"."schemaname") and ("c"."relname" = "live"."relname")
where ("ns"."nspname" !~ '^pg_') and ("ns"."nspname" <> 'information_schema') and c.relkind in ('r', 'p', 'v', 'f', 'm')
order by "type" asc, "schema" asc, "name" asc;

select c.column_name as name, c.udt_name as database_type, c.ordinal_position - 1 as position,
  c.table_schema as schema, c.table_name as table, about.description as field_comment,
  c.is_nullable = 'YES' as nullable, c.column_default as default_value
from information_schema.columns as c
left join pg_catalog.pg_namespace as ns on ns.nspname = c.table_schema
left join pg_catalog.pg_class as r on r.relname = c.table_name and r.relnamespace = ns.oid
left join pg_catalog.pg_description as about on about.objoid = r.oid and about.objsubid = c.ordinal_position
where c.table_schema !~ '^information_schema|catalog_history|pg_' and c.table_name = 'benefit_transaction'
order by c.table_schema, c.table_name, c.ordinal_position;

select a.attname as name, format_type(a.atttypid, a.atttypmod) as database_type, a.attnum - 1 as position, not a.attnotnull as nullable
from pg_catalog.pg_attribute as a
join pg_catalog.pg_class as c on c.oid = a.attrelid
join pg_catalog.pg_namespace as ns on ns.oid = c.relnamespace
where a.attnum > 0 and not a.attisdropped and ns.nspname = 'public' and c.relname = 'benefit_transaction'
order by position;

select k.conname, from_ns.nspname as "fk-table-schema", from_table.relname as "fk-table-name",
  to_ns.nspname as "pk-table-schema", to_table.relname as "pk-table-name"
from pg_catalog.pg_constraint as k
join pg_catalog.pg_class as from_table on k.conrelid = from_table.oid
join pg_catalog.pg_namespace as from_ns on from_table.relnamespace = from_ns.oid
join pg_catalog.pg_class as to_table on k.confrelid = to_table.oid
join pg_catalog.pg_namespace as to_ns on to_table.relnamespace = to_ns.oid
where k.contype = 'f'
order by from_table.relname;

select e.enumtypid, ns.nspname, t.typname, e.enumlabel
from pg_catalog.pg_type as t
join pg_catalog.pg_enum as e on t.oid = e.enumtypid
join pg_catalog.pg_namespace as ns on t.typnamespace = ns.oid
where ns.nspname not in ('information_schema', 'pg_catalog');

select "public"."benefit_transaction"."txn_no" as "txn_no", substring("public"."benefit_transaction"."category", 1, 1234) as "sample"
from "public"."benefit_transaction" limit 10000;

select date_trunc('month', "public"."benefit_transaction"."pay_time") as "pay_time", count(*) as "count",
  sum("public"."benefit_transaction"."amount") as "sum"
from "public"."benefit_transaction"
group by date_trunc('month', "public"."benefit_transaction"."pay_time")
order by date_trunc('month', "public"."benefit_transaction"."pay_time") asc;

select cast(extract(dow from "public"."benefit_transaction"."pay_time") as integer) as "weekday", count(*) as "count"
from "public"."benefit_transaction"
group by cast(extract(dow from "public"."benefit_transaction"."pay_time") as integer)
order by 1;

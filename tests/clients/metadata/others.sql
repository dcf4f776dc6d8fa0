-- Questions of further tools (pgAdmin, Tableau, Power BI, Excel over ODBC, DataGrip) that are cheap to get wrong: the same
-- relations, columns, functions and operators, in our own words.

select case when (select count(extname) from pg_catalog.pg_extension where extname = 'bdr') > 0 then 'pgd'
  when (select count(*) from pg_replication_slots) > 0 then 'log' else null end as type;

select pg_is_in_recovery() as standby, pg_backend_pid() as process;

select usename, usesuper from pg_user where usename = current_user;

select relname, nspname, relkind from pg_catalog.pg_class c, pg_catalog.pg_namespace n
where relkind in ('r', 'v', 'm', 'f', 'p') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
  and n.oid = relnamespace
order by nspname, relname;

select n.nspname, c.relname, a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules,
  c.relkind, c.oid, pg_get_expr(d.adbin, d.adrelid),
  case t.typtype when 'd' then t.typbasetype else 0 end, t.typtypmod
from ((pg_catalog.pg_class c inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace and c.relname = 'benefit_transaction')
  inner join pg_catalog.pg_attribute a on not a.attisdropped and a.attnum > 0 and a.attrelid = c.oid)
  inner join pg_catalog.pg_type t on t.oid = a.atttypid
  left outer join pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum
order by n.nspname, c.relname, attnum;

select table_schema, table_name, table_type from information_schema.tables
where table_schema not in ('information_schema', 'pg_catalog')
order by table_schema, table_name;

select column_name, ordinal_position, is_nullable, data_type,
  case when character_set_name is not null then character_maximum_length else numeric_precision end as size
from information_schema.columns where table_name = 'benefit_transaction' order by ordinal_position;

select k.constraint_name, k.table_name, k.constraint_type from information_schema.table_constraints as k
where k.table_schema = 'public' order by 1;

select u.column_name, u.ordinal_position, u.constraint_name from information_schema.key_column_usage as u
where u.table_schema = 'public' order by 1;

select rolname, rolsuper, rolcanlogin from pg_catalog.pg_roles order by 1;

select datname from pg_database where not datistemplate order by datname;

select pid, state, query from pg_stat_activity where datname = current_database();

select schemaname, tablename, tableowner from pg_tables where schemaname = 'public' order by 2;

select name, setting, unit, context from pg_settings where name in ('TimeZone', 'DateStyle', 'server_version', 'client_encoding');

select obj_description('benefit_transaction'::regclass, 'pg_class'), col_description('benefit_transaction'::regclass, 1);

select to_regclass('public.benefit_transaction') is not null as there;

select t.oid, t.typname, t.typarray from pg_type t where t.oid = any (array[16, 20, 23, 25, 1082, 1114, 1700]);

select 1 where has_database_privilege(current_database(), 'CONNECT');

select pg_encoding_to_char(encoding) from pg_database where datname = current_database();

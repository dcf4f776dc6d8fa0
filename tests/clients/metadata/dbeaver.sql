-- The questions DBeaver asks when it connects, opens a schema and opens a table: the same relations, columns, functions
-- and operators, in our own words. Statements end with a semicolon at the end of a line.

set extra_float_digits = 3;

set application_name = 'DBeaver';

select current_schema(), session_user;

select version();

show search_path;

show server_version;

select db.oid, db.* from pg_catalog.pg_database as db where db.datname = current_database();

select db.oid, db.* from pg_catalog.pg_database as db where db.datallowconn and not db.datistemplate order by db.datname;

select setting.* from pg_catalog.pg_settings as setting where setting.name = 'standard_conforming_strings';

select word from pg_catalog.pg_get_keywords() where catcode <> 'U' limit 20;

select e.* from pg_catalog.pg_enum as e where 1 <> 1 limit 1;

select c.reltype from pg_catalog.pg_class as c where 1 <> 1 limit 1;

select ns.oid, ns.*, about.description
from pg_catalog.pg_namespace as ns
left outer join pg_catalog.pg_description as about
  on about.objoid = ns.oid and about.objsubid = 0 and about.classoid = 'pg_namespace'::regclass
order by ns.nspname;

select t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, about.description
from pg_catalog.pg_type as t
left outer join pg_catalog.pg_type as element on element.oid = t.typelem
left outer join pg_catalog.pg_class as c on c.oid = t.typrelid
left outer join pg_catalog.pg_description as about on about.objoid = t.oid
where t.typname is not null and (c.relkind is null or c.relkind = 'c')
  and (element.typcategory is null or element.typcategory <> 'C')
order by t.oid;

select r.oid, r.* from pg_catalog.pg_roles as r order by r.rolname;

select s.oid, s.*, pg_tablespace_location(s.oid) as place from pg_catalog.pg_tablespace as s order by s.oid;

select c.oid, c.*, about.description,
  pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_bound,
  pg_catalog.pg_get_partkeydef(c.oid) as partition_key
from pg_catalog.pg_class as c
left outer join pg_catalog.pg_description as about
  on about.objoid = c.oid and about.objsubid = 0 and about.classoid = 'pg_class'::regclass
where c.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = 'public')
  and c.relkind not in ('i', 'I', 'c');

select c.oid, pg_catalog.pg_total_relation_size(c.oid) as total_size, pg_catalog.pg_relation_size(c.oid) as own_size
from pg_catalog.pg_class as c
where c.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = 'public');

select c.relname, a.*, pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) as default_value, about.description, dep.objid
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_class as c on a.attrelid = c.oid
left outer join pg_catalog.pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
left outer join pg_catalog.pg_description as about on c.oid = about.objoid and a.attnum = about.objsubid
left outer join pg_depend as dep
  on dep.refobjid = a.attrelid and dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid
where not a.attisdropped and c.relkind not in ('i', 'I', 'c') and c.relname = 'benefit_transaction'
order by a.attnum;

select k.oid, k.*, c.relname as table_name, other.relnamespace as other_schema, about.description,
  case when k.contype = 'c' then "substring"(pg_get_constraintdef(k.oid), 7) else null end as check_text
from pg_catalog.pg_constraint as k
inner join pg_catalog.pg_class as c on c.oid = k.conrelid
left outer join pg_catalog.pg_class as other on other.oid = k.confrelid
left outer join pg_catalog.pg_description as about
  on about.objoid = k.oid and about.objsubid = 0 and about.classoid = 'pg_constraint'::regclass
where c.relname = 'benefit_transaction'
order by k.oid;

select i.*, i.indkey as keys, c.relname, c.relnamespace, c.relam, c.reltablespace, of_table.relname as table_name,
  about.description, pg_catalog.pg_get_expr(i.indpred, i.indrelid) as predicate,
  pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expression,
  pg_catalog.pg_relation_size(i.indexrelid) as size, pg_catalog.pg_stat_get_numscans(i.indexrelid) as scans
from pg_catalog.pg_index as i
inner join pg_catalog.pg_class as c on c.oid = i.indexrelid
inner join pg_catalog.pg_class as of_table on of_table.oid = i.indrelid
left outer join pg_catalog.pg_description as about on i.indexrelid = about.objoid
where of_table.relname = 'benefit_transaction'
order by table_name, c.relname;

select i.*, c.relnamespace
from pg_catalog.pg_inherits as i, pg_catalog.pg_class as c
where c.oid = i.inhparent and i.inhrelid = 1
order by i.inhseqno;

select p.oid as id, p.*, pg_catalog.pg_get_expr(p.proargdefaults, 0) as defaults, about.description
from pg_catalog.pg_proc as p
left outer join pg_catalog.pg_description as about on about.objoid = p.oid and about.classoid = 'pg_proc'::regclass
where p.pronamespace = (select oid from pg_catalog.pg_namespace where nspname = 'public')
order by p.proname;

select distinct dep.deptype, dep.classid, c.oid, c.relkind, ns.nspname, c.relname
from pg_depend as dep
join pg_class as c on c.oid = dep.objid
join pg_namespace as ns on ns.oid = c.relnamespace
where dep.refobjid = 1
order by ns.nspname, c.relname;

select x.* from public.benefit_transaction as x limit 200;

select count(*) from public.benefit_transaction as x;

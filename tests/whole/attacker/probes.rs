//! What somebody tries who wants to know of rows he may not see: statements whose answer, error, plan or statistics
//! would differ if a hidden row took part.

/// Statements over tables with hidden rows.
pub fn statements() -> Vec<String> {
    let mut all: Vec<String> = STATEMENTS.iter().map(|sql| (*sql).to_owned()).collect();
    for plan in ["explain", "explain verbose", "explain analyze", "explain analyze verbose"] {
        for sql in [
            "select count(*) from benefit_transaction",
            "select * from person",
            "select category, sum(amount) from benefit_transaction group by category",
            "select * from benefit_transaction where district_code = '310105'",
            "select * from person p join benefit_transaction t on p.id = t.txn_no order by t.amount limit 3",
        ] {
            all.push(format!("{plan} {sql}"));
        }
    }
    all
}

const STATEMENTS: &[&str] = &[
    // Counting, also from statistics.
    "select count(*) from benefit_transaction",
    "select count(1), count(distinct txn_no), min(txn_no), max(txn_no) from benefit_transaction",
    "select min(pay_time), max(pay_time), min(amount), max(amount), sum(amount) from benefit_transaction",
    "select district_code, count(*) from benefit_transaction group by rollup (district_code) order by 1",
    "select count(*) from person union all select count(*) from organization union all select count(*) from card_holder",
    "select approx_distinct(txn_no), approx_median(amount) from benefit_transaction",
    "select * from person order by id desc limit 5",
    "select id from person order by id limit 1 offset 39",
    "select id from person order by id limit 1 offset 40",
    "select row_number() over (order by id), rank() over (order by district_code), ntile(4) over (order by id) from person",
    // Finding.
    "select * from benefit_transaction where district_code = '310105'",
    "select * from benefit_transaction where txn_no like 'CANARY%'",
    "select * from benefit_transaction where pay_time < '2000-01-01'",
    "select exists (select 1 from benefit_transaction where amount = 0)",
    "select (select count(*) from person p where p.district_code <> '310104')",
    "select count(*) from benefit_transaction a join benefit_transaction b on a.amount = b.amount",
    "select d.code, count(t.txn_no) from district d left join benefit_transaction t on t.district_code = d.code group by 1 order by 1",
    "select d.code from district d where not exists (select 1 from person p where p.district_code = d.code) order by 1",
    "with benefit_transaction as (select * from benefit_transaction) select count(*) from benefit_transaction",
    "with recursive r as (select 1 as n union all select n + 1 from r where n < (select count(*) from person)) select max(n) from r",
    // Failing on a hidden row: a zero or a text that is no number.
    "select sum(1 / record_version) from benefit_transaction",
    "select sum(cast(category as int)) from benefit_transaction",
    "select count(*) from benefit_transaction where cast(category as int) >= 0",
    "select count(*) from benefit_transaction where 10 / amount > 0",
    "select count(*) from benefit_transaction where 10 / cast(amount as int) > 0 and district_code = '310104'",
    "select count(*) from benefit_transaction where district_code = '310105' and 1 / cast(amount as int) = 1",
    "select case when district_code = '310105' then 1 / 0 else 1 end from benefit_transaction order by 1 limit 1",
    "select count(*) from person where cast(gender as int) < 10",
    "select max(cast(full_name_token as bigint)) from person",
    "select count(*) from person where cast(real_name_level as int) / 0 = 1",
    "select count(*) from person p where (select 1 / (case when p.district_code = '310105' then 0 else 1 end)) = 1",
    "select cast(txn_no as int) from benefit_transaction",
    "select sum(amount / 0) from benefit_transaction",
    "select cast(pay_time as date) - cast(category as int) from benefit_transaction order by 1 limit 1",
    // Catalogs and statistics.
    "select * from information_schema.tables order by 1, 2, 3",
    "select * from information_schema.columns order by 1, 2, 3, 4",
    "select * from information_schema.schemata order by 1, 2",
    "select * from information_schema.views order by 1, 2, 3",
    "select * from information_schema.df_settings order by 1",
    "select oid, relname, relnamespace, relpages, reltuples, relkind from pg_catalog.pg_class order by oid",
    "select * from pg_catalog.pg_statistic",
    "select * from pg_catalog.pg_stats",
    "select * from pg_catalog.pg_stat_user_tables",
    "select * from pg_catalog.pg_stat_all_tables",
    "select * from pg_catalog.pg_statio_user_tables",
    "select * from pg_catalog.pg_stat_database",
    "select * from pg_catalog.pg_roles",
    "select * from pg_catalog.pg_authid",
    "select * from pg_catalog.pg_shadow",
    "select * from pg_catalog.pg_user",
    "select * from pg_catalog.pg_tables order by 1, 2",
    "select * from pg_catalog.pg_description order by 1, 2, 3, 4",
    "select * from pg_catalog.pg_database",
    "select pg_relation_size('benefit_transaction'), pg_total_relation_size('person')",
    "select pg_table_size('benefit_transaction')",
    "select pg_stat_get_live_tuples('person'::regclass)",
    "show tables",
    "show all",
    "describe benefit_transaction",
    "describe select * from person",
    "show columns from person",
    // Rooms that are not there.
    "select * from account",
    "select * from audit_log",
    "select * from session",
    "select * from outbox",
    "select * from '/etc/passwd'",
    "select * from 'data/lake/benefit_transaction'",
    "select * from parquet_metadata('x')",
    "select * from metadata_cache()",
    "select * from statistics_cache()",
    "select * from list_files_cache()",
];

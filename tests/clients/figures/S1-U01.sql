-- S1-U01 优待用户注册数
-- 期内完成注册的优待证持证对象数，按注册时间计入当期；之后注销的仍计入其注册当期。
select month, form, {by}
  count(*) as n, 1 as d
from span
join card_holder on register_at >= from_ and register_at < until
group by all

-- S1-U02 优待用户认证数
-- 期内首次完成身份认证的持证对象数，按首次认证时间计入当期；之后冻结或注销的仍计入其认证当期。
select month, form, {by}
  count(*) as n, 1 as d
from span
join card_holder on certified_at >= from_ and certified_at < until
group by all

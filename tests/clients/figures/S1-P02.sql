-- S1-P02 新增入驻单位数
-- 期内成为正常状态的优待服务提供单位数，按入驻时间计入当期；之后冻结或关闭的仍计入其入驻当期。
select month, form, {by}
  count(*) as n, 1 as d
from span
join merchant_profile on activated_at >= from_ and activated_at < until
group by all

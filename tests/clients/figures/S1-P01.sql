-- S1-P01 提供单位总数
-- 期末处于正常状态的优待服务提供单位数，由状态变更累计得出；冻结与关闭的不计。
select month, form, {by}
  sum(delta) as n, 1 as d
from span
join state_event on occurred_at < until
where resource = 'merchant_profile' and state = 'active'
group by all

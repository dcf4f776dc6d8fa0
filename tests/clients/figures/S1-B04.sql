-- S1-B04 服务点数
-- 期末处于开放状态的优待服务点数，由状态变更累计得出。
select month, form, {by}
  sum(delta) as n, 1 as d
from span
join state_event on occurred_at < until
where resource = 'service_point' and state = 'open'
group by all

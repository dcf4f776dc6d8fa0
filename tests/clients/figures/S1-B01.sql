-- S1-B01 优待服务数
-- 期末处于上线状态的优待服务项目数，由状态变更累计得出。
select month, form, {by}
  sum(delta) as n, 1 as d
from span
join state_event on occurred_at < until
where resource = 'benefit_service' and state = 'online'
group by all

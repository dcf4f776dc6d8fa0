-- S1-B03 线下优待服务数
-- 期末处于上线状态、服务方式为线下的优待服务项目数。
select month, form, {by}
  sum(delta) as n, 1 as d
from span
join state_event on occurred_at < until
where resource = 'benefit_service' and state = 'online' and mode = '线下'
group by all

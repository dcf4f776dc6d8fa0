-- S1-B02 线上优待服务数
-- 期末处于上线状态、服务方式为线上的优待服务项目数。
select month, form, {by}
  sum(delta) as n, 1 as d
from span
join state_event on occurred_at < until
where resource = 'benefit_service' and state = 'online' and mode = '线上'
group by all

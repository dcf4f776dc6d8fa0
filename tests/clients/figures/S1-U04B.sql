-- S1-U04B 在册持证对象数
-- 期末未注销的持证对象数（已注册、已认证、冻结中），由状态变更累计得出；是用户认证率的分母。
select month, form, {by}
  sum(delta) as n, 1 as d
from span
join state_event on occurred_at < until
where resource = 'card_holder' and state in ('registered', 'certified', 'frozen')
group by all

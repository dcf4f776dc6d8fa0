-- S1-U04A 已认证持证对象数
-- 期末处于已认证或冻结状态的持证对象数，由状态变更累计得出；是用户认证率的分子。
select month, form, {by}
  sum(delta) as n, 1 as d
from span
join state_event on occurred_at < until
where resource = 'card_holder' and state in ('certified', 'frozen')
group by all

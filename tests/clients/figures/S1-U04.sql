-- S1-U04 用户认证率
-- 期末已认证的在册持证对象占全部在册持证对象的比例。在册指已注册、已认证或冻结中，不含已注销；冻结中的对象此前已认证，计入分子。
-- 期末无在册对象时为空。
select month, form, {by}
  100 * coalesce(sum(delta) filter (where state in ('certified', 'frozen')), 0) as n,
  coalesce(sum(delta) filter (where state in ('registered', 'certified', 'frozen')), 0) as d
from span
join state_event on occurred_at < until
where resource = 'card_holder'
group by all

-- S1-P09A 未在册的交易单位数
-- 期内至少有一笔已确认优待交易、但期末不是本范围内正常状态的提供单位的单位数，按单位编码精确去重。
with registered as (
  select month, form, record_id, district_code
  from span join state_event on occurred_at < until
  where resource = 'merchant_profile' and state = 'active'
  group by all having sum(delta) > 0
), unit as (
  select month, form, registered.district_code, credit_code
  from registered join merchant_profile on merchant_profile.id = registered.record_id
)
select month, form, {by}
  count(distinct merchant_code) as n, 1 as d
from span
join benefit_transaction t on pay_time >= from_ and pay_time < until
where t.state = 'confirmed' and not exists (
  from unit where unit.month = span.month and unit.form = span.form and unit.credit_code = t.merchant_code {and_unit_in_the_same_district})
group by all

-- S1-P10 单位活跃率
-- 期末处于正常状态的提供单位中，期内有已确认交易的单位所占的比例；单位按登记的区和类别计，按区查看时只看发生在本区的交易。
-- 未在册的交易单位不计入，因此不会超过 100%。期末无正常单位、期内没有任何交易记录时为空。
with registered as (
  select month, form, from_, until, record_id, district_code, category
  from span join state_event on occurred_at < until
  where resource = 'merchant_profile' and state = 'active'
    and exists (from benefit_transaction t where t.state = 'confirmed' and t.pay_time >= from_ and t.pay_time < until)
  group by all having sum(delta) > 0
)
select month, form, {by}
  100 * count(distinct registered.record_id) filter (where exists (
    from benefit_transaction t
    where t.merchant_code = unit.credit_code and t.state = 'confirmed'
      and t.pay_time >= registered.from_ and t.pay_time < registered.until {and_in_the_same_district})) as n,
  count(distinct registered.record_id) as d
from registered join (select id, credit_code from merchant_profile) unit on unit.id = registered.record_id
group by all

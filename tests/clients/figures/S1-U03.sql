-- S1-U03 优待用户交易笔数
-- 期内持证对象发生的已确认优待交易笔数，按支付时间计入当期；已冲正与未确认的交易不计。
select month, form, {by}
  count(*) as n, 1 as d
from span
join benefit_transaction on pay_time >= from_ and pay_time < until
where state = 'confirmed'
group by all

-- S1-B06 优惠让利金额
-- 期内已确认优待交易的优惠金额合计，按支付时间计入当期；已冲正与未确认的交易不计。
select month, form, {by}
  sum((discount * 100)::hugeint) as n, 100 as d
from span
join benefit_transaction on pay_time >= from_ and pay_time < until
where state = 'confirmed'
group by all

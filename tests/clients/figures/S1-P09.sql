-- S1-P09 有交易单位数
-- 期内至少有一笔已确认优待交易的提供单位数，按单位编码精确去重。
select month, form, {by}
  count(distinct merchant_code) as n, 1 as d
from span
join benefit_transaction on pay_time >= from_ and pay_time < until
where state = 'confirmed'
group by all

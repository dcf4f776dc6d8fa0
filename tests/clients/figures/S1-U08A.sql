-- S1-U08A 有交易的持证对象数
-- 期内至少有一笔已确认优待交易的持证对象数，按优待证号的假名精确去重；各区、各类别分别计一次。
select month, form, {by}
  count(distinct card_token) as n, 1 as d
from span
join benefit_transaction on pay_time >= from_ and pay_time < until
where state = 'confirmed'
group by all

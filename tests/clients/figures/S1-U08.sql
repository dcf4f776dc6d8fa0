-- S1-U08 人均交易笔数
-- 期内已确认优待交易笔数除以期内有已确认交易的持证对象数（按优待证去重）。期内无交易对象时为空。
select month, form, {by}
  count(*) as n, count(distinct card_token) as d
from span
join benefit_transaction on pay_time >= from_ and pay_time < until
where state = 'confirmed'
group by all

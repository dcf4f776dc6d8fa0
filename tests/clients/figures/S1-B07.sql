-- S1-B07 享受方式构成
-- 期内已确认优待交易按享受方式（电子证、主扫、被扫、跳转、券）的笔数构成。
select month, form, {by}
  count(*) as n, 1 as d
from span
join benefit_transaction on pay_time >= from_ and pay_time < until
where state = 'confirmed'
group by all

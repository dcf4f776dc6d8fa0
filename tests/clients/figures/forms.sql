-- 同比, 环比, 累计, 占比 and 排名 of an indicator by some dimensions, from its fractions n/d in `figure` and those of the
-- whole along the first dimension in `whole`. Whoever was there in any of the stretches has a row, and so has whoever
-- the server lists, with {absent_d} as the denominator of what it had nothing of: 1 makes a 0 of it, 0 an empty rate.
--   同比 = (value - same period last year) / same period last year; of a rate in % the difference in 百分点
--   占比 = share of the total within the first dimension; 排名 = rank within the period, equal figures share one, and
--   where nobody has anything nobody has one; whoever has no value of the first dimension (未填) is not ranked
with member as (
  select distinct month {members} from figure union select month {members} from answered
), part as (
  select month, form {members}, n::hugeint as n, d::hugeint as d from figure
), stretch as (
  select member.month {of_member}, asked.form,
    coalesce(part.n, 0::hugeint) as n, coalesce(part.d, {absent_d}::hugeint) as d
  from member
  join span asked on asked.month = member.month
  left join part on part.month = member.month and part.form = asked.form {same_member}
), wide as (
  select month {members},
    any_value(n) filter (where form = 'value') as n, any_value(d) filter (where form = 'value') as d,
    any_value(n) filter (where form = 'current') as current_n, any_value(d) filter (where form = 'current') as current_d,
    any_value(n) filter (where form = 'mom') as mom_n, any_value(d) filter (where form = 'mom') as mom_d,
    any_value(n) filter (where form = 'yoy') as yoy_n, any_value(d) filter (where form = 'yoy') as yoy_d,
    any_value(n) filter (where form = 'cumulative') as cumulative_n,
    any_value(d) filter (where form = 'cumulative') as cumulative_d
  from stretch group by all
), total as (
  select month {rest}, n::hugeint as total_n, d::hugeint as total_d from whole where form = 'value'
)
select wide.month {of_wide},
  half_away(n, d, {value_scale}) as value,
  change(current_n, current_d, mom_n, mom_d, {change_scale}, '{change}') as mom,
  change(current_n, current_d, yoy_n, yoy_d, {change_scale}, '{change}') as yoy,
  half_away(cumulative_n, cumulative_d, {value_scale}) as cumulative,
  half_away(n * total_d, d * total_n, {share_scale}) as share,
  case when half_away(n, d, {value_scale}) is not null and not {unnamed}
      and max(half_away(n, d, {value_scale})) over (partition by wide.month, {unnamed} {rest_of_wide}) > 0
    then rank() over (
      partition by wide.month, {unnamed} {rest_of_wide} order by half_away(n, d, {value_scale}) desc nulls last) end as rank
from wide left join total on total.month = wide.month {same_rest}

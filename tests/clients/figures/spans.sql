-- The stretches of time a figure needs: one row per asked month and form, half open, in wall-clock time of Shanghai.
--   value       the month so far: what the figure itself counts
--   current     what is compared: the month if it is over, otherwise its complete days
--   mom, yoy    as many days of the month before and of the same month of last year
--   cumulative  from the first of January to the end of the month
-- A month that is not over has no complete day on its first: then there is nothing to compare.
create or replace table span as
with month as (
  select starts, least(starts + interval 1 month, date_trunc('day', $now::timestamp)) as compared,
    starts + interval 1 month as ends
  from (select unnest(generate_series($first::timestamp, $last::timestamp, interval 1 month)) as starts)
), comparable as (
  select *, date_diff('day', starts, compared) as days, compared = ends as complete from month
)
select strftime(starts, '%Y-%m') as month, form, from_, until from (
  select starts, 'value' as form, starts as from_, ends as until from comparable
  union all
  select starts, 'current', starts, compared from comparable where days > 0
  union all
  select starts, 'mom', starts - interval 1 month,
    case when complete then starts else least(starts - interval 1 month + to_days(days::int), starts) end
  from comparable where days > 0
  union all
  select starts, 'yoy', starts - interval 1 year,
    case when complete then starts - interval 1 year + interval 1 month
      else least(starts - interval 1 year + to_days(days::int), starts - interval 1 year + interval 1 month) end
  from comparable where days > 0
  union all
  select starts, 'cumulative', date_trunc('year', starts), ends from comparable
);

-- Arithmetic of whole numbers only: a binary float would decide halves by accident.
-- The fraction n/d in units of 1/scale, halves away from zero; nothing where the denominator is nothing.
create or replace macro half_away(n, d, scale) as case when d is null or d = 0 then null else
  (sign(n) * sign(d))::hugeint * ((2::hugeint * abs(n) * scale::hugeint + abs(d)) // (2::hugeint * abs(d))) end;
-- How much the fraction n/d is above base_n/base_d: relative to it, or as the difference of two rates.
create or replace macro change(n, d, base_n, base_d, scale, kind) as case
  when d is null or base_d is null or d = 0 or base_d = 0 then null
  when kind = 'points' then half_away(n * base_d - base_n * d, d * base_d, scale)
  else half_away(n * base_d - base_n * d, base_n * d, scale) end;

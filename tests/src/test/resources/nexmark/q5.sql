select period.start as window_start, hot.auction, hot.num
from (
  select period, max(num) as most, collect_list(struct(auction, num)) as each
  from (
    select window(date_time, '10 seconds', '2 seconds') as period, auction, count(1) as num
    from timed group by window(date_time, '10 seconds', '2 seconds'), auction)
  group by period)
lateral view explode(filter(each, one -> one.num = most)) as hot

select bid.auction, best.price, bid.bidder, bid.date_time, bid.extra
from (
  select period, max_by(struct(price, each), price) as best
  from (
    select window(date_time, '10 seconds') as period, price,
      collect_list(struct(auction, bidder, timestamp_micros(unix_micros(date_time)) as date_time, extra)) as each
    from timed group by window(date_time, '10 seconds'), price)
  group by period)
lateral view explode(best.each) as bid

select id, item_name, description, initial_bid, reserve, date_time, expires, seller, category, extra,
  won.bidder, won.price, won.bid_time, won.bid_extra
from (
  select id, item_name, description, initial_bid, reserve, date_time, expires, seller, category, extra,
    max_by(struct(bidder, price, bid_time, bid_extra), struct(price, -unix_micros(bid_time), -number)) as won
  from (
    select ending.id, ending.item_name, ending.description, ending.initial_bid, ending.reserve,
      timestamp_micros(unix_micros(ending.date_time)) as date_time, ending.expires, ending.seller, ending.category,
      ending.extra, offered.bidder, offered.price, offered.number,
      timestamp_micros(unix_micros(offered.date_time)) as bid_time, offered.extra as bid_extra
    from ending join offered on ending.id = offered.auction
      and offered.date_time between ending.date_time and ending.expires
      and ending.expires <= offered.date_time + interval 40 seconds)
  group by id, item_name, description, initial_bid, reserve, date_time, expires, seller, category, extra)

select newcomer.id, newcomer.name, newcomer.period.start as starttime
from (
  select id, name, window(date_time, '10 seconds') as period
  from timed_persons group by id, name, window(date_time, '10 seconds')) as newcomer
join (
  select seller, window(date_time, '10 seconds') as period
  from timed_auctions group by seller, window(date_time, '10 seconds')) as opened
on newcomer.id = opened.seller and newcomer.period = opened.period

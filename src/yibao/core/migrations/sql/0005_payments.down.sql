-- Payment channels and orders (缴费渠道、缴费订单).
drop index population.contribution_psn;
drop table population.channel_file, population.reconciliation_difference, population.reconciliation,
  population.premium_refund, population.channel_receipt, population.payment_line, population.payment_order,
  population.payment_channel;
drop sequence population.premium_refund_no, population.payment_order_no;

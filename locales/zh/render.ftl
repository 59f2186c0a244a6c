# 梯形图和其他文本样式里的用语。位置窄，用词要短。

render-time = 时间
render-again = 重传
render-copy = （副本）
render-forged = 冒充 { $addr }
render-arrives = { $time } 到达
render-queue-syn = 半连接队列 { $len }/{ $limit }
render-queue-accept = 全连接队列 { $len }/{ $limit }
render-timer-set = { $timer }定时器：{ $after }
render-timer-fired = { $timer }定时器到时（{ $after }）
render-timer-fired-plain = { $timer }定时器到时
render-timer-retransmission = 重传
render-timer-persist = 坚持
render-timer-delayed-ack = 推迟确认
render-timer-keepalive = 保活
render-timer-time-wait = { "2MSL " }
render-timer-fin-wait-2 = { "FIN-WAIT-2 " }
render-timer-user = 用户超时
render-timer-loss-probe = 尾部探测
render-legend-inferred = ▹ 只凭报文段推断出的状态。
render-legend-relative = 序号从每一端的初始序号算起；--absolute 显示原始的数值。

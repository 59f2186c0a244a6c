# The words of the ladder and the other text styles. Short: they stand in narrow places.

render-time = time
render-again = retransmission
render-copy = (copy)
render-forged = as { $addr }
render-arrives = arrives at { $time }
render-queue-syn = SYN queue { $len }/{ $limit }
render-queue-accept = accept queue { $len }/{ $limit }
render-timer-set = { $timer } timer: { $after }
render-timer-fired = { $timer } timer fires after { $after }
render-timer-fired-plain = { $timer } timer fires
render-timer-retransmission = retransmission
render-timer-persist = persist
render-timer-delayed-ack = delayed-ACK
render-timer-keepalive = keep-alive
render-timer-time-wait = 2MSL
render-timer-fin-wait-2 = FIN-WAIT-2
render-timer-user = user
render-timer-loss-probe = loss-probe
render-legend-inferred = ▹ A state concluded from the segments alone.
render-legend-relative = Numbers count from each side's first one; --absolute shows them as sent.

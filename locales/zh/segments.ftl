# 只凭报文段本身作出的解释：抓包和实时流量里没有引擎来说明原因。
# 变量与 rules.ftl 相同。

segment-syn = SYN：请求建立连接。它报出初始序号 { $seq } 并占用这个序号，所以第一个字节将是 { $ends }。
segment-syn-again = 同一个 SYN 再发一次：{ $waited } 内没有回答。
segment-syn-ack = SYN,ACK：确认对方的 SYN（ack = { $acks }），并报出自己的初始序号 { $seq }。
segment-syn-ack-again = 同一个 SYN,ACK 再发一次：{ $waited } 内没等到第三次握手。
segment-handshake-ack = 确认对方的 SYN：ack = { $acks }。双方都知道了彼此的初始序号。
segment-data = 从序号 { $seq } 起的 { $len } 字节，确认号将是 { $ends }。
segment-data-again = 从 { $seq } 起的数据再发一次，距上次 { $waited }。
segment-ack = ACK：{ $ack } 之前的都收到了（ack = { $acks }）。
segment-ack-again = 又是 ack = { $ack }：还在等 { $ack }。
segment-ack-fin = 确认 FIN：ack = { $acks }。
segment-window = ack = { $ack } 不变，窗口变了：win = { $win }。
segment-window-zero = win = 0：没有空位了，对方必须停止发送。
segment-fin = FIN：这一端不再发送。它占用序号 { $seq }，对它的确认号将是 { $ends }。
segment-fin-data = 最后 { $len } 字节和 FIN 放在一个报文段里，对它的确认号将是 { $ends }。
segment-fin-again = 同一个 FIN 再发一次：{ $waited } 内没有得到确认。
segment-refused = 用 RST,ACK 回答 SYN（ack = { $acks }）：那里没有程序监听，连接被拒绝。
segment-rst = RST：这一端要拆除连接，或者根本不知道这条连接（seq = { $seq }）。
segment-keepalive = seq = { $seq }，比下一个序号小 1：保活探测，“你还在吗？”
segment-datagram = UDP 数据报，{ $len } 字节：没有连接，没有序号，也没有确认。

# 每个状态的含义：state-NAME，在没有规则说明为何进入时使用。
state-closed = 没有连接。
state-listen = 等待任何一方的 SYN。
state-syn-sent = SYN 已发出，等待 SYN,ACK。
state-syn-received = 双方的 SYN 都已收到，等待对方确认自己的 SYN。
state-established = 连接建立：两个方向都可以传数据。
state-fin-wait-1 = 这一端先关闭，等待对方确认它的 FIN。
state-fin-wait-2 = 自己的 FIN 已被确认，等待对方的 FIN。
state-close-wait = 对方已经关闭，等待本端的程序也关闭。
state-closing = 双方同时关闭，等待对方确认自己的 FIN。
state-last-ack = 对方先关闭，现在这一端也关闭了，等待最后的 ACK。
state-time-wait = 话都说完了，再等 2MSL，让旧报文段在网络里消失。

# 分析抓包时对一个报文、或者对整条连接的判断：finding-KEY，与 analyze::Finding 的每个成员一一对应。
# 序号都是相对序号，从初始序号数起。
# 变量（只有 PacketReport::numbers 给出的才能用）：$seq 本报文段的序号，$end 它所占最后一个序号的下一个，
# $octets = end − seq；$ack 它的确认号；$expected 发送方本该发的序号；$acknowledged 对方已经确认到哪里；
# $held 抓包里对方的序号连续到哪里；$millis 距发送方发出最大序号过了多少毫秒；$count 连续第几个重复确认；
# $first 最先带这个确认号的报文；$window 对方最近通告的窗口（字节）；$before、$after 本端的窗口；
# $missing 缺的字节数；$id IP 标识。句中要说是哪一端的，
# 两端各有一句：.client 和 .server，由 PacketReport::numbers 的 side 决定，0 是客户端，1 是服务器。

## 与 Wireshark 相同的判断

finding-retransmission = 重传：序号 { $seq } 到 { $end } 之前已经发过，迟迟等不到确认。距本端发出最大序号已过 { $millis } 毫秒。
finding-fast-retransmission = 快速重传：{ $count } 个重复确认都在要序号 { $seq }，于是不等重传定时器，立刻重发这 { $octets } 个字节。
finding-spurious-retransmission = 多余的重传：{ $acknowledged } 之前的都已被对方确认，却又把 { $seq } 到 { $end } 发了一遍。丢失或迟到的是确认，不是数据。
finding-out-of-order = 乱序：下一个该是 { $expected }，来的却是 { $seq }。紧跟在后面的报文段之后到达，说明是途中被超过，不是重传。
finding-duplicate-ack = 第 { $count } 个重复确认：确认号还是 { $ack }，与报文 { $first } 相同。{ $ack } 之后的已经到了，{ $ack } 本身还缺着。
finding-lost-segment = 序号有缺口：该来 { $expected }，却来了 { $seq }，缺 { $seq } − { $expected } = { $missing } 个序号：在此之前丢了、被超过了，或者没有抓到。
finding-ack-lost-segment = 它确认了 { $ack } 之前的全部序号，可抓包里对方的序号只连续到 { $held }。接收方收到了，是抓包漏了。
finding-zero-window = 零窗口：“别再发了”。接收缓冲区已满，因为程序没有来读。
finding-zero-window-probe = 零窗口探测：往关着的窗口里发一个字节，逼对方回答。要是没有探测，窗口更新一旦丢失，双方就会一直干等下去。
finding-zero-window-probe-ack = 对零窗口探测的回答：还是没有空间。
finding-window-full = 窗口已用满：最后的序号到了 { $acknowledged } + { $window } = { $end }，对方允许的全发完了，只能等确认。
finding-window-update = 窗口更新：没有确认新数据，只是把窗口从 { $before } 改为 { $after } 字节。
finding-keep-alive = 保活探测：该发的是 { $expected }，却发 seq = { $seq }，正好小 1。对方只要还在，就必须回一个 ACK。
finding-keep-alive-ack = 对保活探测的回答：对方还在。
finding-reused-ports = 地址和端口都与先前某条连接相同，初始序号却不同：这是一条新连接。

## Wireshark 没有的判断

finding-network-duplicate = 同一个 IP 报文出现了两次（IP 标识 { $id }，字节全同）：是网络或抓包复制的。主机重发时会另造一个 IP 报文。
finding-probe-below = Linux 的零窗口探测：不带新字节，序号比该发的小 1，对方就会回答并报出自己的窗口。Wireshark 把它叫作保活探测。
finding-missing-first-copy = 序号从 { $seq } 起的 { $octets } 个在这里头一次出现，却像是重传：第一份没有到达抓包的地方。
finding-unseen-resend = 这个 ACK 用 D-SACK 报告说有些字节收到了两次，抓包里却只有一份：有一次重传没被抓到，或者过了这里才被网络复制。
finding-syn-retransmission = SYN 又发了一次，距上一次 { $millis } 毫秒。一直没有回答：SYN 丢了、回答丢了，或者被谁悄悄丢弃了。
finding-unanswered = SYN 始终没有得到回答：主机没开、路不通，或者防火墙悄悄丢弃了它。
finding-incomplete-handshake = 三次握手没有完成：SYN,ACK 之后等不到 ACK。这期间服务器要为它留着一条半连接；SYN 洪泛就是大量制造半连接。
finding-reset-refused = 连接被拒绝：这个端口上没有程序在监听，connect() 立刻失败。
finding-reset-handshake = 握手途中复位：对方正在建立的这条连接，本端不想要，或者根本不认识。
finding-reset-abort = 异常中止：本端用 RST 而不是 FIN 结束已经打开的连接，途中的数据全部作废。常见原因：没读完数据就 close()、SO_LINGER 设为 0、程序被杀死。
finding-reset-after-close = 发过 FIN 之后又复位：本端已经完全关闭，再来的数据没有人收了。
finding-reset-no-connection = “没有这条连接”：RST 的序号 { $seq } 照抄自它所回答的确认号。本端已经不记得这条连接，比如刚刚重启过。
finding-reset-challenged = RST 的序号是 { $seq }，而该来的是 { $acknowledged }：落在大小为 { $window } 的窗口之内，却不精确。RFC 5961 规定这时回一个质询 ACK，不能因为别人猜中窗口就断开连接。
finding-reset-ignored = RST 的序号 { $seq } 在窗口之外（窗口从 { $acknowledged } 起，大小 { $window }）：不予理会。盲猜的攻击者发出的就是这种报文。
finding-challenge-ack = 质询 ACK：“真要复位，就用正好这个序号再发一次”。它回答的是可疑的 RST 或 SYN（RFC 5961）。
finding-half-close = 半关闭：对方发过 FIN，但仍然可以接收。两个方向各关各的。
finding-simultaneous-open = 同时打开：双方都在看到对方的 SYN 之前发了 SYN。结果是一条连接，不是两条。
finding-simultaneous-close = 同时关闭：双方都在看到对方的 FIN 之前发了 FIN。双方都会进入 TIME-WAIT。
finding-time-wait =
    .client = 客户端进入 TIME-WAIT，要等两倍的报文段最长寿命：最后那个 ACK 可能还得重发，旧报文段也要等它们消失。
    .server = 服务器进入 TIME-WAIT，要等两倍的报文段最长寿命：最后那个 ACK 可能还得重发，旧报文段也要等它们消失。
finding-bad-checksum = 校验和错误：途中损坏。接收方悄悄丢弃，就当没收到过。
finding-offloaded-checksum = 校验和留给网卡去填，要过了这里才算好。没有任何问题。
finding-mid-stream = 抓包是从这条连接的中途开始的：没有抓到握手，所以窗口扩大倍数和初始序号都不知道。
finding-sequence-wrap = 序号越过 4294967295，从 0 接着数。序号有 32 位，按环形比较大小，所以不会出错。

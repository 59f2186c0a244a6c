# 报文段之外的话：报文为什么丢了，故障做了什么，主机出了什么事。

note-lost-fault = 在途中丢失（故障：{ $fault }）。
note-lost-random = 在途中丢失：链路随机丢包。
note-lost-host-down = 丢失：对方主机已经宕机。
note-lost-no-route = 丢失：没有哪台主机使用这个地址。
note-lost-corrupted = 在途中损坏；接收方发现校验和不对，一声不响地把它丢掉。
note-fault-touched = 场景安排的故障：{ $fault }。
note-crashed = 主机崩溃：它的所有连接都忘了，也没有通知任何人。
note-restarted = 主机重新启动，对从前的连接一无所知。
note-exited = 程序结束，退出码 { $code }。
note-killed = 程序被信号 { $signal } 终止。
note-foreign-calls = 程序用 32 位的方式发出系统调用。这些调用看不到，但报文段看得到。
note-io-uring = 程序使用 io_uring。这样发出的系统调用看不到，但报文段看得到。
note-text = { $text }
note-end-of-stream = recv() 返回 0：数据都读完了，对方也已发来 FIN。

# 调用失败的含义：error-ERRNO。
error-econnrefused = ECONNREFUSED：对方主机回了 RST，那个端口没有程序监听。
error-econnreset = ECONNRESET：对方用 RST 拆除了连接。
error-etimedout = ETIMEDOUT：等了太久没有回音，对方主机不作声，或者根本到不了。
error-epipe = EPIPE：这个方向已经关闭，不能再发送了。
error-econnaborted = ECONNABORTED：连接在本端被中止。
error-eaddrinuse = EADDRINUSE：这个地址和端口已被别的套接字占用。
error-eaddrnotavail = EADDRNOTAVAIL：本机没有空闲端口，或者这不是本机的地址。
error-enotconn = ENOTCONN：套接字没有连接。
error-eisconn = EISCONN：套接字已经连接，或正在连接。
error-einval = EINVAL：这个套接字不能这样用。
error-eagain = EAGAIN：现在还没有，要等才行。
error-enetunreach = ENETUNREACH：没有通往那个地址的路。
note-injected = 由场景直接造出，不是这台主机的 TCP 发的。

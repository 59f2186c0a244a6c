# 报文段之外的话：报文为什么丢了，故障做了什么，主机出了什么事。

note-lost-fault = 在途中丢失，这是场景安排的故障（{ $fault }）。
note-lost-random = 在途中丢失：链路随机丢包。
note-lost-host-down = 丢失：对方主机已经宕机。
note-lost-no-route = 丢失：没有哪台主机使用这个地址。
note-lost-corrupted = 在途中损坏；接收方发现校验和不对，一声不响地把它丢掉。
note-fault-touched = 故障 { $fault }：{ $act }。
note-crashed = 主机崩溃：它的所有连接都忘了，也没有通知任何人。
note-restarted = 主机重新启动，对从前的连接一无所知。
note-exited = 程序结束，退出码 { $code }。
note-killed = 程序被信号 { $signal } 终止。
note-io-uring = 程序使用 io_uring。这样发出的系统调用看不到，但报文段看得到。

# 套接字示例程序。每行不超过 75 列（一个汉字占两列）：说明文字要缩进五列。

## 对话
demo-udp-waiting = UDP 服务器在 { $address } 等待数据报，按 Ctrl-C 结束。
demo-tcp-waiting = TCP 服务器在 { $address } 等待来电，按 Ctrl-C 结束。
demo-timeline-calls-only = 时间线只显示这一端的调用，没有报文段。
    .help =
        `handshake demo { $demo }`（不写 server 或 client）在私有网络里运行两端，
        报文段也会显示出来，而且不需要任何权限。
demo-udp-sending-to = 每输入一行，就作为一个数据报发往 { $address }，按 Ctrl-D 结束。
demo-connected = 已连接到 { $address }。
demo-call-from = 接到来自{ $address }的电话
demo-message-from = 来自[{ $address }]的一条消息：{ $text }
demo-message-from-friend = 来自[{ $address }]{ $name }的一条消息：{ $text }
demo-answer-from = { $text }  （来自 { $address }）
demo-heard = { $text }
demo-heard-from = [{ $address }] { $text }
demo-said = 说：{ $text }
demo-said-together = 连续发送了 { $messages } 条消息，共 { $bytes } 字节，中间没有停顿。
demo-answered = 回答：{ $text }
demo-hung-up = { $address } 挂断了电话。
demo-hung-up-wordless = { $address } 一句话没说就挂断了。
demo-we-hang-up = { $address } 一直不挂，我们先挂断。
demo-bye = 再见。
demo-friend = { $number }  { $name }  { $address }
demo-unknown-friend = 通讯录里没有“{ $name }”。
demo-datagram-refused = { $address } 上没有程序在接收。
demo-no-answer-yet = { $seconds } 秒内没有收到回答。
demo-message-too-long = 消息有 { $bytes } 字节，太长了：4 个字节写不下它的长度。
demo-text-goes-on = ……（还有 { $more } 个字符）

## 提示
demo-prompt = >>:
demo-reply-prompt = 回复消息：
demo-friend-prompt = 请选择聊天对象（名字或编号）：
demo-chat-prompt = 对{ $name }说（输入 quit 结束和他的聊天）：

## 为什么会这样
demo-why-wide = { $address } 不是环回地址：凡是能访问这台机器的人，都能访问这个程序。
demo-why-escaped =
    这段文字里有控制字符，终端不会显示它们，而会照着执行（变颜色、移动光标、
    清屏）。这里把它们显示成 \x1b 之类的写法。笔记里的 print() 会把它们原样交
    给你的终端。
demo-why-not-utf8 =
    其中有 { $bytes } 个字节不是 UTF-8，显示为 \xNN。对方用的也许是 GBK。笔记里的
    decode('utf-8') 会抛出 UnicodeDecodeError，程序就此结束。
demo-why-cut-character =
    这次读到的数据断在一个字符中间：一个汉字占 3 个字节，而 TCP 可能从任何字
    节断开。先留着 { $bytes } 个字节，等下一次读取。笔记里的 decode('utf-8') 到这
    里会抛出 UnicodeDecodeError。
demo-why-empty-datagram =
    数据报可以是空的：这时 recvfrom() 得到 0 字节，它和别的消息没有两样。只有
    在 TCP 里，读到 0 字节才表示对方挂断了。
demo-why-long-datagram =
    这一个数据报有 { $bytes } 字节。笔记里的 recvfrom(1024) 只能得到 1024 字节，剩
    下的 { $lost } 字节就此丢失：数据报的剩余部分不会留给下一次 recvfrom()。
demo-why-datagram-refused =
    对方主机回了 ICMP“端口不可达”：那个端口没有程序绑定。请先启动服务器。笔记
    里的客户端不会知道这件事，会在 recvfrom() 里一直等下去。
demo-why-silence =
    UDP 不作任何保证：数据报或者回答可能丢了，也可能没有人回答。迟到的回答仍
    会显示。笔记里的客户端会在 recvfrom() 里一直等下去。
demo-why-late =
    这条消息来的时候没有人在等它：可能是迟到的回答，也可能是多出来的一条。笔
    记里的客户端会把它当成对下一条消息的回答。
demo-why-somebody-else =
    这不是 { $address } 发来的：UDP 套接字谁发来的数据报都收，只能靠发送
    方的地址来区分。
demo-why-hung-up =
    recv() 得到 0 字节：对方已经关闭了它那一边（FIN），不会再有数据了。笔记里
    的循环会不停地读到 0 字节，成为死循环。
demo-why-waiting =
    { $address } 还没有回答。连接还在，recv() 会一直等到有数据为止。和笔
    记里一样，发出的消息末尾没有换行：服务器是不是在等换行？按 Ctrl-C 结束。
demo-why-buffer-full =
    这一次读满了 { $bytes } 字节的缓冲区：长消息会分几次读到，几条短消息也可能一次
    读到。TCP 只传送字节，不知道什么是消息（两边都加上 --framed 试试）。
demo-why-many-reads =
    这些数据分 { $reads } 次才读完（共 { $bytes } 字节）：TCP 只传送字节，不知道什么是消
    息。像笔记里那样只 recv(1024) 一次，得到的是第一段，剩下的会被当成下一条
    消息的开头。
demo-why-stuck-together =
    发出了 { $messages } 条消息，{ $bytes } 字节的回答分 { $reads } 次读到：一条消息到哪里结束，下一条
    从哪里开始，TCP 并不说明。它们粘在一起了（粘包）。两边都加上 --framed，每
    条消息前面就会带上自己的长度。
demo-why-kept-apart =
    { $messages } 条消息都完整地回来了（{ $bytes } 字节，读了 { $reads } 次）：每条消息前面的长度说明
    了它到哪里结束，不管每次读到多少。
demo-why-many-in-one-read =
    一次 recv() 读到的 { $bytes } 字节里有 { $messages } 条消息（粘包）。每条消息前面的长度说
    明了它到哪里结束；没有长度，它们就成了一段文字。
demo-why-one-in-many-reads =
    这条 { $bytes } 字节的消息分 { $reads } 次才读完。前面的长度说明了要等多少数据；没有长
    度，每次读到的都会被当成一条消息。
demo-why-partial-send =
    send() 第一次只收下了 { $bytes } 字节中的 { $first } 字节：它可以少收，并用返回值告
    诉你收了多少。一共调用了 { $calls } 次才发完。笔记里没有理会 send() 的返回值，
    Python 的 sendall() 才会管。
demo-why-deaf-peer =
    { $address } 只发不收：双方的缓冲区都满了，send() 只能等着。如果它也
    在等自己的 send()，两边就会永远等下去：要发很多数据的一方，必须同时读取。
demo-why-said-after-answer =
    对方还没有说完：TCP 不说明消息到哪里结束，所以回答得太早了。挂断之前先把
    剩下的读完：还有数据没读就关闭，会发出 RST，对方可能连回答也收不到。
demo-why-unasked =
    这是没有问就来的数据：可能是上一次回答的剩余部分，也可能是服务器主动说
    的。

## 出了什么问题；.help 是解决办法
demo-error-bad-address = “{ $given }”不是地址
    .help =
        请写端口（9000），或者主机和端口：127.0.0.1:9000、[::1]:9000、
        localhost:9000。
demo-error-unknown-host = 找不到名叫“{ $host }”的主机
demo-error-friends-at = { $file } 第 { $line } 行第 { $column } 列：{ $problem }
    .help = 每行写作 名字 = "主机:端口"，中文名字要加引号。
demo-error-friends = { $file }：{ $problem }
    .help = 通讯录的每一行写作 名字 = "主机:端口"。
demo-error-address-in-use = { $address } 已被另一个程序占用（EADDRINUSE）
    .help = 请结束那个程序，或者换一个端口；用 ss -lntup 可以看到是谁占着。
demo-error-not-my-address = { $address } 不是这台机器的地址
    .help = 127.0.0.1 总是可以用的。
demo-error-no-local-port = 这台机器没有可用的端口或地址来呼叫 { $address }
demo-error-port-needs-permission = 使用端口 { $port } 需要权限（1024 以下的端口通常如此）
    .help =
        请换一个更大的端口，或者放开限制：
        sudo sysctl net.ipv4.ip_unprivileged_port_start={ $port }
demo-error-connect-refused = { $address } 上没有程序在监听（ECONNREFUSED）
    .help =
        对方用 RST 回答了 SYN。请先启动服务器。笔记里没有理会 connect_ex() 的返回
        值，要到后面的 send() 或 recv() 才出错。
demo-error-datagram-refused = { $address } 上没有程序在接收（ECONNREFUSED）
demo-error-connect-timed-out = { $address } 没有任何回音，连拒绝也没有（ETIMEDOUT）
    .help = 那台机器没开，或者防火墙把 SYN 吞掉了。
demo-error-peer-silent = { $address } 不再应答：发出的数据一直没有得到确认（ETIMEDOUT）
demo-error-reset = { $address } 复位了连接（RST，ECONNRESET）
    .help = 它的程序崩溃了，或者还有数据没读就关闭了。正在传送的数据已经丢失。
demo-error-broken-pipe = { $address } 不再接收：线路已经关闭（EPIPE）
demo-error-unreachable = 没有通往 { $address } 的网络（{ $reason }）
demo-error-datagram-too-long = 一个数据报装不下（EMSGSIZE）
    .help = 在 IPv4 上，UDP 最多传送 65507 字节。请分成几段，或者改用 TCP。
demo-error-no-descriptor = 没有描述符可以再接电话了
    .help = 来电会在内核的队列里等着，直到有人挂断。用 ulimit -n 可以看到上限。
demo-error-forbidden = 系统不允许对 { $address } 调用 { $call }()（{ $reason }）
demo-error-socket = 对 { $address } 调用 { $call }() 失败（{ $reason }）
demo-error-no-answer = { $address } 没有回答就挂断了
demo-error-cut-short = { $address } 在一条消息的中间挂断了：{ $announced } 字节中只来了 { $have } 字节
demo-error-cut-length = { $address } 在消息长度的中间挂断了：4 个字节中只来了 { $have } 个
demo-error-frame-too-long = { $address } 声称要发 { $announced } 字节的消息，上限是 { $longest }
    .help = 它真的在发送长度吗？两边都要加上 --framed。
demo-error-not-framed = { $address } 没有发送长度：头 4 个字节是文字“{ $letters }”
    .help = 当作长度来读就是 { $announced }。两边都要加上 --framed。
demo-error-input = 无法读取输入（{ $reason }）
demo-error-output = 输出已经关闭（{ $reason }）
demo-error-resources = 系统没有可用的描述符或线程了（{ $reason }）

## 用法
demo-usage-does-not-fit = { $option } 对 { $demo } 不起作用。
    .help = 它用于：{ $fits }。

## 示意图
demo-figure-title = 各个调用，以及它们引起的报文段：
demo-figure-title-datagrams = 各个调用，以及它们发出的数据报：
demo-figure-socket = 买手机
demo-figure-bind = 手机插卡
demo-figure-listen = 手机待机
demo-figure-accept = 等人打来电话
demo-figure-bytes = { $bytes } 字节
demo-figure-opening =
    建立连接：共 { $segments } 个报文段，都由内核收发。connect() 在收到第二个之后返回；
    accept() 只是取走已经建好的连接。
demo-figure-closing =
    关闭连接：共 { $segments } 个报文段，每个方向一个 FIN 和一个 ACK。先关闭的一方要在
    TIME-WAIT 等待；另一方靠 recv() = 0 得知对方已经关闭。
demo-figure-closing-merged =
    关闭连接：共 { $segments } 个报文段，而不是四个：后关闭的一方关得很快，它的 FIN 同时带
    上了对第一个 FIN 的确认。先关闭的一方要在 TIME-WAIT 等待；另一方靠
    recv() = 0 得知对方已经关闭。
demo-figure-reset = 连接被 RST 立即终止：不用确认，也不用等待。
demo-figure-datagrams =
    数据报：共 { $datagrams } 个。每次 sendto() 发出一个，每次 recvfrom() 取走一个：
    不用建立连接，没有确认，也不用关闭连接。UDP 没有状态。
demo-figure-left-out = 没有画出的：{ $segments } 个单纯确认数据的 ACK。

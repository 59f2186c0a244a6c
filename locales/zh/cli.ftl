# 命令行：帮助、错误信息，以及 list 和 test 的用语。

# 套在其他文字外面的用语
cli-error = 错误：{ $what }
cli-did-you-mean = 是不是想写 { $near }？
cli-usage-more = 用 `handshake --help` 查看所有命令，用 `handshake help 命令` 查看某个命令的参数。

# 帮助
cli-about = 看清 TCP 怎样建立和关闭连接
cli-about-list = 列出可以运行的内容
cli-about-run = 模拟一个场景，逐个讲解报文段
cli-about-test = 检查场景的预期结果（默认检查全部内置场景）
cli-about-read = 讲解 pcap 或 pcapng 抓包文件：连接、状态、发现
cli-about-capture = 实时讲解经过某个接口的报文
cli-about-watch = 在私有环回网络上运行任意程序，对照系统调用与报文段
cli-about-demo = 笔记里的套接字程序：UDP 和 TCP，服务器和客户端
cli-about-lab = 在真实内核上运行场景，并与模拟器对照
cli-about-completions = 生成 shell 的命令补全脚本
cli-about-man = 生成手册页
cli-about-help = 显示本帮助，或某个命令的帮助
cli-heading-usage = 用法：{ $usage }
cli-heading-commands = 命令
cli-heading-options = 选项
cli-heading-common = 通用选项
cli-heading-arguments = 参数
cli-value-options = 选项
cli-value-command = 命令
cli-after =
    先试试：
      handshake run three-way
      handshake run synack-lost --step
      handshake list
cli-after-run =
    例子：
      handshake run three-way
      handshake run syn-lost-forever --profile linux
      handshake run teardown -w teardown.pcapng
      handshake run my-scenario.toml --step
cli-after-read =
    例子：
      handshake read trace.pcapng
      handshake read trace.pcapng --connection 3
      sudo tcpdump -i lo -w - tcp | handshake read -
cli-after-capture =
    例如：
      handshake capture
      handshake capture -i eth0 --port 80 --count 100
      handshake capture -w trace.pcapng --duration 10

    抓包需要权限。用 `handshake watch` 观察自己的程序则不需要。
cli-after-watch =
    例如：
      handshake watch -- python3 server.py --and python3 client.py
      handshake watch --duration 5 -- ./server --and curl http://127.0.0.1:8080/
      handshake watch -w talk.pcapng -- python3 server.py --and python3 client.py

    前一个程序开始监听，后一个程序就启动。它们经 127.0.0.1 和 ::1 互相通信，
    此外哪里也到不了。不需要 root 权限。
cli-after-lab =
    例如：
      handshake lab three-way
      handshake lab syn-lost --server engine
      handshake lab data --server engine -- python3 client.py
      handshake lab

    不写名字就运行所有自带的场景，要花几分钟。不需要 root。
    -w talk.pcapng 会写出 talk.client.pcapng 和 talk.server.pcapng。
    程序按场景里的地址去找服务器，例如 10.0.0.2；用了 --client engine，
    程序就在这个地址上当服务器。
cli-after-demo =
    例子：
      handshake demo tcp-echo
      handshake demo tcp-echo server
      handshake demo tcp-echo client --timeline
      handshake demo udp-chat client --friends friends.toml
      handshake demo tcp-chat server 0.0.0.0:8081 --concurrent
      handshake demo tcp-chat client --framed --together 你好 --together 世界

    地址可以只写端口（9000），也可以写主机和端口（127.0.0.1:9000、[::1]:9000）。
    不写地址时，只有本机能访问服务器。
cli-after-completions =
    用于 bash：
      handshake completions bash > ~/.local/share/bash-completion/completions/handshake
    用于 fish：
      handshake completions fish > ~/.config/fish/completions/handshake.fish

    bash、zsh 和 fish 还能补全场景名。
cli-after-man =
    直接阅读：
      handshake man | man -l -

cli-arg-help = 显示本帮助
cli-arg-version = 显示版本号
cli-arg-lang = 语言（默认随系统区域设置）
cli-arg-color = 颜色（默认 auto：输出到终端时才用）
cli-arg-width = 输出的列数（默认为终端宽度，否则为 80）
cli-arg-output = 写入这个文件，不写到标准输出
cli-arg-format = text 给人看，json 给程序用
cli-arg-style = 报文段的画法（默认 ladder，梯形图）
cli-arg-absolute = 按线路上的原值显示序号
cli-arg-step = 每个事件之前等待回车
cli-arg-pace = 按比例播放：1x 为实际速度，2x 快一倍
cli-arg-write = 同时把报文写入抓包文件
cli-arg-seed = 随机数的种子
cli-arg-profile = 采用哪种 TCP 协议栈（默认由场景决定）
cli-arg-scenario = 场景名，或场景文件
cli-arg-scenarios = 若干场景名或场景文件
cli-arg-capture = pcap 或 pcapng 文件；- 表示标准输入
cli-arg-connection = 只看这条连接，编号见汇总表
cli-arg-port = 只看用到这个端口的连接
cli-arg-host = 只看用到这个地址的连接
cli-capture-arg-interface = 接口（默认 lo）
cli-capture-arg-port = 只看来自或发往这个端口的报文
cli-capture-arg-host = 只看来自或发往这个地址的报文
cli-capture-arg-count = 抓到 N 个报文就结束
cli-capture-arg-duration = 到这么多秒时结束
cli-capture-arg-write = 同时写入抓包文件，一个报文也不丢
cli-watch-arg-programs = 程序及其参数；--and 之后是下一个程序
cli-watch-arg-duration = 到这么多秒时结束各程序
cli-watch-arg-wait = 没有客户了也等服务器自己结束
cli-watch-arg-names = 各泳道的名字
cli-watch-arg-live = 事件一发生就显示在 stderr 上
cli-lab-arg-client = 客户端由谁担任：内核，或我们自己的 TCP
cli-lab-arg-server = 服务器由谁担任：内核，或我们自己的 TCP
cli-lab-arg-limit = 多少秒后停下（默认 30 秒）
cli-lab-arg-write = 给每台主机写一个抓包文件
cli-lab-arg-program = 代替脚本来当客户端的程序
cli-read-arg-format = text；tsv 每个报文一行；或 json
cli-demo-arg-name = udp-echo、udp-chat、tcp-echo 或 tcp-chat
cli-demo-arg-role = 扮演哪一端；不写就运行两端，并显示发生了什么
cli-demo-arg-address = 监听或呼叫的地址（默认本机 9000 或 8081 端口）
cli-demo-arg-framed = 每条消息前面加上长度（tcp-chat）
cli-demo-arg-concurrent = 同时接待多个客户端（tcp-chat 服务器）
cli-demo-arg-say = 说这句话，不用键盘输入
cli-demo-arg-lane = 每行前面的名字
cli-demo-arg-answer = 怎样回答（echo 服务器）
cli-demo-arg-together = 把这些消息连续发出（tcp-chat 客户端）
cli-demo-arg-friends = 通讯录文件（udp-chat 客户端）
cli-demo-arg-wait = 等待回答的时间（UDP 客户端）
cli-demo-arg-count = 收到 N 条消息或 N 个来电后结束（服务器）
cli-demo-arg-backlog = listen() 的队列长度（默认 5）
cli-demo-arg-timeline = 同时显示这一端的调用和报文段
cli-demo-arg-buffer = 每次 recv() 的缓冲区大小（默认 1024）
cli-arg-shell = bash、zsh、fish、elvish 或 powershell
cli-arg-command = handshake 的某个命令

# 参数应当是什么，用于错误信息
cli-expected-seed = 一个整数，例如 7
cli-expected-width = 20 到 1000 之间的整数
cli-expected-pace = 一个倍数，例如 2x 或 0.5x
cli-expected-connection = 连接的编号，例如 0
cli-expected-port = 0 到 65535 之间的端口号
cli-expected-wait = 秒数，例如 5 或 0.5
cli-expected-duration = 秒数，例如 5 或 0.5
cli-expected-limit = 秒数，例如 5 或 0.5
cli-expected-count = 大于 0 的整数
cli-expected-backlog = 一个整数，例如 5
cli-expected-buffer = 1 到 1048576 之间的字节数
cli-expected-host = 一个 IPv4 或 IPv6 地址，例如 10.0.0.1

# 用法错误
cli-usage-no-value = { $argument } 缺少取值。
cli-usage-not-a-choice = { $argument }：写的是“{ $value }”，应当是其中之一：{ $choices }。
cli-usage-bad-value = { $argument }：写的是“{ $value }”，应当是{ $expected }。
cli-usage-unknown-argument = 这里没有参数 { $argument }。
cli-usage-unknown-command = 没有“{ $command }”这个命令。
cli-usage-missing = 缺少：{ $argument }。
cli-usage-conflict = { $argument } 和 { $other } 不能同时使用。
cli-usage-value-count = { $argument }：取值的个数不对。
cli-usage-not-utf8 = 有一个参数不是合法的 UTF-8。

# 文件
cli-read-no-file = { $path }：没有这个文件。
cli-read-directory = { $path } 是一个目录，这里需要的是文件。
cli-read-forbidden = { $path }：没有读取这个文件的权限。
    .help =
        由有权限的用户读出来即可，handshake 本身不需要任何权限：
          sudo cat { $path } | handshake read -
cli-read-failed = { $path }：无法读取：{ $reason }。
cli-write-no-directory = { $path }：无法创建，所在的目录不存在。
cli-write-directory = { $path } 是一个目录，这里需要的是文件名。
cli-write-forbidden = { $path }：没有写入的权限。
    .help = 换一个位置：-o /tmp/文件名
cli-write-failed = { $path }：无法写入：{ $reason }。
cli-write-over-input = { $path } 还要用到，不能覆盖。
    .help = 换一个文件名。

# 逐步播放
cli-step-prompt = [回车：下一个 · q：退出]
cli-step-needs-text = --step 和 --pace 只能与 --format text 一起使用。

# 抓包文件
cli-read-progress = 读取中
cli-note = 说明：{ $what }
cli-capture-empty = { $path } 是空的，这里需要 pcap 或 pcapng 文件。
    .help = 是不是还没抓到报文就停了？`tcpdump -U -w 文件` 会抓到一个写一个。
cli-capture-text = { $path } 是文本文件，开头是“{ $start }”；这里需要 pcap 或 pcapng 文件。
    .help = tcpdump 和 tshark 用 -w 文件 就能写出这种文件。
cli-capture-compressed = { $path } 用 { $program } 压缩过，这里需要 pcap 或 pcapng 文件。
    .help = 可以边解压边读：{ $program } -dc { $path } | handshake read -
cli-capture-unknown-format = { $path } 以 { $start } 开头，pcap 和 pcapng 都不是这样开头的。
    .help = 其他抓包格式可以转换：editcap -F pcapng 原文件 新文件
cli-capture-header-cut-off = { $path } 只有 { $found } 字节，连 { $needed } 字节的文件头都不完整。
    .help = 文件没有复制完整，或者写入时磁盘满了。
cli-capture-damaged-record = { $path }：第 { $offset } 字节处损坏，之前的 { $records } 条记录完好：下一条自称有 { $claimed } 字节，最多只可能有 { $limit } 字节。
cli-capture-damaged-block = { $path }：第 { $offset } 字节处损坏，之前的 { $records } 条记录完好：有一块自称长 { $claimed } 字节，这不可能。
cli-capture-damaged-contents = { $path }：第 { $offset } 字节处损坏，之前的 { $records } 条记录完好：有一块的内容与它的长度矛盾。
cli-capture-damaged-byte-order = { $path }：第 { $offset } 字节处损坏，之前的 { $records } 条记录完好：字节序标记是 { $found }。
cli-capture-damaged-interfaces = { $path }：第 { $offset } 字节处损坏，之前的 { $records } 条记录完好：它描述了超过 { $limit } 个接口。
cli-capture-note-cut-off = { $path } 在第 { $record } 条记录中间断了（从第 { $offset } 字节起，需要 { $needed } 字节，只有 { $found } 字节）；之前完整的记录都已读入。
cli-capture-note-unknown-interface = { $path }：从第 { $record } 条起，有 { $count } 条记录属于接口 { $interface }，文件里没有描述它，这些记录已略过。
cli-capture-note-no-times = { $path }：从第 { $record } 条起，有 { $count } 条记录没有时间，各取前一条的时间。
cli-capture-note-obsolete-packets = { $path }：从第 { $record } 条起，有 { $count } 条记录用的是早已废弃的块类型，已略过。

# 抓包文件的汇总
cli-read-head = { $path }：{ $packets } 个 TCP 报文，历时 { $span }，{ $connections } 条连接
cli-read-datagrams = UDP 数据报：{ $count } 个
cli-read-others = 既不是 TCP 也不是 UDP 的 IP 报文：{ $count } 个
cli-read-not-ip = 不含可识别的 IP 报文的帧：{ $count } 个
cli-read-none-match = 没有连接用到这个地址或端口。
cli-read-no-connections = 没有第 { $number } 号连接：这次抓包里没有 TCP 连接。
cli-read-no-connection = 没有第 { $number } 号连接，最后一条是 { $last } 号。
cli-read-findings = 各种发现，以及出现的报文个数：
cli-read-hint = `handshake read { $path } --connection 编号` 逐个报文段讲解其中一条连接。
cli-read-roles-guessed = 哪一端是客户端只是推测
cli-read-client = 客户端
cli-read-server = 服务器
cli-read-packet = 个报文
cli-read-packets = 个报文
cli-read-byte = 字节
cli-read-bytes = 字节
cli-read-comma = ，
cli-read-resent = 个重发
cli-outcome-unanswered = 无人应答
cli-outcome-refused = 被拒绝
cli-outcome-incomplete = 握手未完成
cli-outcome-open = 仍然打开
cli-outcome-half-closed = 半关闭
cli-outcome-closed = 已关闭
cli-outcome-reset = 被复位

# 各种发现的简称
cli-finding-retransmission = 重传
cli-finding-fast-retransmission = 快速重传
cli-finding-spurious-retransmission = 虚假重传
cli-finding-out-of-order = 乱序
cli-finding-duplicate-ack = 重复确认
cli-finding-lost-segment = 前面有报文段没抓到
cli-finding-ack-lost-segment = 确认了没抓到的报文段
cli-finding-zero-window = 零窗口
cli-finding-zero-window-probe = 零窗口探测
cli-finding-zero-window-probe-ack = 零窗口探测的应答
cli-finding-window-full = 窗口已满
cli-finding-window-update = 窗口更新
cli-finding-keep-alive = 保活探测
cli-finding-keep-alive-ack = 保活探测的应答
cli-finding-reused-ports = 端口再次使用
cli-finding-network-duplicate = 网络复制的重复报文
cli-finding-missing-first-copy = 重传（第一份没抓到）
cli-finding-unseen-resend = D-SACK 报告的重传没有抓到
cli-finding-probe-below = 零窗口探测（Linux 式）
cli-finding-syn-retransmission = SYN 重传
cli-finding-unanswered = SYN 无人应答
cli-finding-incomplete-handshake = 握手未完成
cli-finding-reset-refused = 连接被拒绝
cli-finding-reset-handshake = 握手途中被复位
cli-finding-reset-abort = 已打开的连接被复位
cli-finding-reset-after-close = 关闭之后又复位
cli-finding-reset-no-connection = 复位：没有这条连接
cli-finding-reset-challenged = 可疑的复位，需要质询
cli-finding-reset-ignored = 窗口外的复位，不予理会
cli-finding-challenge-ack = 质询 ACK
cli-finding-half-close = 对方 FIN 之后仍有数据
cli-finding-simultaneous-open = 同时打开
cli-finding-simultaneous-close = 同时关闭
cli-finding-time-wait = 进入 TIME-WAIT
cli-finding-bad-checksum = 校验和错误
cli-finding-offloaded-checksum = 校验和留给网卡计算
cli-finding-mid-stream = 从中途开始抓包
cli-finding-sequence-wrap = 序号回绕

# 场景
cli-run-unknown = 没有“{ $name }”这个场景。
    .help = `handshake list` 列出全部场景；自己的文件要写出路径：./{ $name }.toml
cli-run-unknown-near = 没有“{ $name }”这个场景。
    .help = 是不是想写 { $near }？`handshake list` 列出全部场景。
cli-run-not-text = { $path } 不是文本；这里需要场景，也就是 TOML 文件。
    .help = 如果它是抓包文件：handshake read { $path }
cli-run-endless = 场景“{ $name }”自己不会结束：{ $seconds } 秒的虚拟时间还不够。
    .help = 给它规定一个终点，例如加一行：until = "60s"
cli-test-ok = 符合
cli-test-differs = 不符
cli-test-sum = 共 { $all } 个场景，{ $good } 个符合预期。

# 列表
cli-list-start =
    先试试这三个：
      handshake run three-way           连接是怎样建立的
      handshake run synack-lost         报文段丢了会怎样
      handshake run teardown --step     连接是怎样关闭的；按回车看下一个事件
cli-list-more =
    `handshake run 名字` 演示一个场景，`handshake test` 检查全部场景，
    `handshake read 文件` 讲解抓包文件，其余见 `handshake --help`。
cli-group-open = 建立连接
cli-group-queues = 队列与洪泛
cli-group-data = 传输数据
cli-group-close = 关闭连接与 TIME-WAIT
cli-group-reset = 复位与崩溃
cli-group-udp = UDP
cli-group-what-if = 如果 TCP 少做一步
cli-group-more = 其他
cli-read-step-needs-connection = --step 和 --pace 需要用 --connection 编号 指定一条连接：整个抓包文件没有单独一条时间线。

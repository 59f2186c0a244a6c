# 与本机内核打交道的部分：系统不允许什么，watch，capture，lab。

## 系统不允许的事，以及解决办法
live-denied-user-namespace-limit = 本系统不允许（再）建立用户命名空间（user.max_user_namespaces），因此无法建立私有网络。
    .help =
        管理员可以放开：
        {"  "}{ $command }
live-denied-net-namespace-limit = 本系统不允许（再）建立网络命名空间（user.max_net_namespaces），因此无法建立私有网络。
    .help =
        管理员可以放开：
        {"  "}{ $command }
live-denied-unprivileged-clone-off = 本系统只许 root 建立用户命名空间（kernel.unprivileged_userns_clone），因此无法建立私有网络。
    .help =
        管理员可以放开：
        {"  "}{ $command }
live-denied-apparmor = 这里的 AppArmor 不给程序在自己的用户命名空间里任何权限（Ubuntu 23.10 起即如此），因此无法建立私有网络。
    .help =
        管理员可以临时放开，到下次启动为止：
        {"  "}{ $command }
live-denied-seccomp = 这里有过滤器禁止用户命名空间（容器通常如此），因此无法建立私有网络。
    .help =
        启动容器时去掉这个过滤器，例如：
        {"  "}{ $command }
live-denied-not-built = 这个内核编译时没有包含用户命名空间，只有 root 能建立私有网络。
    .help =
        以 root 身份可以运行：
        {"  "}{ $command }
live-denied-chroot = 在 chroot 环境里内核不建立用户命名空间，只有 root 能建立私有网络。
    .help =
        以 root 身份可以运行：
        {"  "}{ $command }
live-denied-capture-capability = 在网络接口上抓包需要 CAP_NET_RAW 权限，而你没有。
    .help =
        给本程序授权一次即可：
        {"  "}{ $command }
        `handshake watch` 和 `handshake lab` 不需要任何权限。
live-denied-tracing = 本系统禁止程序跟踪其他程序的系统调用，连自己启动的也不行（Yama，或容器的过滤器）。
    .help =
        管理员可以放开：
        {"  "}{ $command }
live-denied-unknown = 内核拒绝了（{ $errno }），这里已知的限制都解释不了原因。
    .help =
        以 root 身份也许可以：
        {"  "}{ $command }
live-failed = 系统调用失败（{ $doing }）：{ $reason }
live-needs-linux = `handshake { $command }` 要与 Linux 内核打交道，在本系统上没有。
    .help = 其余功能都可以用；`handshake run` 可以模拟。

## watch
live-watch-empty = 两个 --and 之间没有程序。
    .help = 例如：handshake watch -- python3 server.py --and python3 client.py
live-watch-not-found = 找不到程序 { $program }。
    .help = 请像在 shell 里那样写程序名，或写路径：./{ $program }
live-watch-not-executable = { $program } 无法运行：没有执行权限，或者不是程序。
    .help = 脚本要由解释器运行，如 python3 { $program }；或者用 chmod +x 加上执行权限。
live-watch-not-started = { $program } 无法启动：{ $reason }
live-watch-names = --names 给了 { $names } 个名字，而程序有 { $programs } 个。
live-watch-started = { $program } 启动（进程 { $process }）
live-watch-not-listening = { $program } 到现在还没有调用 listen() 或 bind()；不再等待，启动下一个程序。
live-watch-stopping = { $program } 不会自己结束：请它结束（SIGTERM）。
live-watch-exited = { $program }：退出码 { $code }
live-watch-killed = { $program }：被信号 { $signal } 终止
live-watch-stopped = { $program }：由本程序结束
live-watch-not-run = { $program }：没有启动
live-watch-dropped = 缺少 { $count } 个报文段：来得太快，没来得及收下。
live-watch-time-up = 时间到（--duration）。
live-watch-server-left = 已经没有谁能与它通信；用 --wait 可一直等到每个程序自己结束。
live-watch-unseen = { $program }：{ $what }
live-watch-nothing = 没有程序使用网络。

## capture
live-capture-begins = 正在 { $interface } 上抓包；按 Ctrl-C 结束。
live-capture-no-interface = 没有接口 { $interface }。
    .help = 现有接口：{ $interfaces }
live-capture-skipped = … 有 { $count } 个报文没有显示：多得看不过来。文件里一个不少。
live-capture-more-connections = … 还有 { $count } 个连接。
live-capture-counts = 抓到 { $frames } 个报文，内核丢弃 { $dropped } 个。
live-capture-dropped = 丢弃的报文上面看不到，有些发现可能只是缺口造成的。用 -w 丢得更少，用 --port 或 --host 缩小范围也行。
live-capture-not-shown = 有 { $count } 个报文来得太快，这里来不及写，没有显示。

## lab
live-lab-variant = { $variant } 是故意弄坏的：没有内核会这样做，只有模拟器会。
    .help = handshake run 可以演示。
live-lab-no-mss = { $host } 的内核没法让自己的 SYN 不带 MSS 选项。
    .help = handshake run 可以演示；加上 --{ $host } engine，就由我们自己的 TCP 来当这台主机。
live-lab-itself = { $host } 连接的是自己，内核不用网线就办到了：我们的线路上什么也不会经过。
    .help = handshake run 可以演示。
live-lab-udp-engine = { $host } 要发 UDP 数据报，而我们的引擎是一个 TCP。
    .help = 让它用自己的内核。
live-lab-no-host = 这个场景里没有叫 { $host } 的主机。
    .help = --client 和 --server 针对的是叫这两个名字的主机；没有这样的名字时，就是第一台和第二台。
live-lab-nobody = 所有主机都由我们自己的 TCP 来当，没有主机留给这个程序了。
live-lab-only-one = -w 和运行程序，一次只能用于一个场景。
live-lab-profile = 场景的 { $profile } 配置，内核能接受多少就设多少：选项、重传次数、最短超时；窗口和延迟确认仍是 Linux 自己的做法。
live-lab-setting = { $host }：没法让内核接受 { $setting }，它照自己的做法来。
live-lab-isn = { $host } 是被动打开，这时内核自己选初始序号：下面的序号都相对于它。
live-lab-kernel = 每台主机都是 Linux { $release }，各在自己的网络命名空间里，由我们的线路相连。搭建用时 { $setup }。
live-lab-refused = { $host }：这个内核拒绝了 { $setting }（{ $reason }）。
live-lab-dead-fault = 故障“{ $fault }”没有遇到任何分组。
live-lab-compared = 内核与模拟器，逐段对照。序号都从各自的第一个算起。
live-lab-simulator = 模拟器
live-lab-kernel-column = 内核
live-lab-first-difference = 第一处不同。
live-lab-only-simulator = 只有模拟器发了
live-lab-only-kernel = 只有内核发了
live-lab-kernel-sends = 内核：{ $segment }
live-lab-differs-in = 不同之处：{ $aspects }
live-lab-separator = 、
live-lab-aspect-flags = 标志位
live-lab-aspect-seq = 序号
live-lab-aspect-ack = 确认号
live-lab-aspect-len = 长度
live-lab-aspect-options = 选项
live-lab-aspect-fate = 是否丢失
live-lab-aspect-time = 时间
live-lab-states = { $host } 的状态不同。
live-lab-states-simulator = 模拟器：{ $states }
live-lab-states-kernel = 内核：{ $states }
live-lab-known-found = 已知（~ { $what }）：
live-lab-known-gone = 已知的差异不见了（{ $what }）：场景里不该再这样写。
live-lab-verdict-same = 内核与模拟器一致：{ $all } 个报文段全部相同，状态也全部相同。
live-lab-verdict-known = { $all } 个报文段里 { $same } 个相同，其余是已知的差异。
live-lab-verdict-differs = { $all } 个报文段里 { $same } 个相同。
live-lab-stopped = 实验在 { $lasted } 处停下；模拟器一直走到 { $simulated }。用 --limit 秒数可以等得更久。
live-lab-late = 这台机器当时很忙：实验本身最多晚了 { $late }，所以时间参考价值不大。
live-lab-runs = 实验本身晚了，所以跑了 { $runs } 次；这里是最后一次。
live-lab-kernel-some = { $hosts } 是 Linux { $release }，在自己的网络命名空间里；{ $engines } 是我们自己的 TCP。两边由我们的线路相连，搭建用时 { $setup }。
live-lab-kernel-none = 每台主机都是我们自己的 TCP，用真实的网线和我们的线路相连，没有内核的 TCP 参加。搭建用时 { $setup }。
live-lab-same = 一致
live-lab-known = 已知
live-lab-differs = 不同
live-lab-unsuitable = 不行
live-lab-line = { $all } 个报文段里 { $same } 个相同
live-lab-sum = { $same } 个与模拟器一致，{ $known } 个有已知的差异，{ $differ } 个另有不同；{ $unsuitable } 个在这里做不了。
live-lab-received = { $host } 收到 { $octets } 字节（CRC-32 { $crc }）。

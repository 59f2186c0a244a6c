# 场景文件的问题。每个问题三句话：哪里不对，.label 指着那个位置说，.help 给出改法。

scenario-did-you-mean = 是不是想写“{ $near }”？{ $help }

scenario-not-toml = 这不是合法的 TOML。
    .label = { $detail }
    .help = 场景是一个 TOML 文件：`键 = 值` 的行、[表] 和 [[表的列表]]。参见 docs/scenarios.zh-CN.md。
scenario-unknown-key = { $place ->
        [top] 场景里没有“{ $key }”这个键。
       *[other] { $place } 里没有“{ $key }”这个键。
    }
    .label = 这里不认识它
    .help = 这里可以写：{ $choices }。
scenario-missing-key = { $place ->
        [top] 场景缺少“{ $key }”。
       *[other] { $place } 缺少“{ $key }”。
    }
    .label = 缺少“{ $key }”
    .help = { $key ->
        [title] 加一行，例如：title = {"{"} en = "The SYN is lost", zh = "第一次握手丢失" {"}"}
        [notes] 用两种语言写一段讲解：notes = {"{"} en = "…", zh = "…" {"}"}
        [en] 两种语言都要写：{"{"} en = "…", zh = "…" {"}"}
        [zh] 两种语言都要写：{"{"} en = "…", zh = "…" {"}"}
        [hosts] 写明有哪些主机：[hosts]，下面每台主机一行，例如 client = "10.0.0.1"。
        [script] 写明做什么：[[script]]，下面写 at = "0ms" 和 do = "server listen 80"。
        [addr] 写上主机的地址：addr = "10.0.0.1"
        [do] 写上要做的事：do = "client connect server:80"
        [match] 写上针对哪些报文：match = "client SYN #1"
        [act] 写上对它们做什么：act = "lose"
       *[other] 加一行：{ $key } = …
    }
scenario-wrong-type = “{ $key }”的类型不对。
    .label = 这是{ $found ->
        [string] 文本
        [integer] 整数
        [float] 小数
        [boolean] 真假值
        [array] 列表
        [table] 表
       *[other] { $found }
    }
    .help = { $expected ->
        [string] 请写成带引号的文本。
        [integer] 请写成不带引号的整数。
        [boolean] 请写 true 或 false，不带引号。
        [table] 请写成表：{"{"} 键 = 值, … {"}"}
        [list] 请写成列表：["…", "…"]
        [time] 请写成带单位、带引号的时间，例如 "200ms" 或 "1.5s"。
        [chance] 请写 0 到 1 之间的数，或者 "20%" 这样的文本。
        [ports] 请写最低和最高的端口：[49152, 65535]
       *[localized] 请写两种语言：{"{"} en = "…", zh = "…" {"}"}
    }
scenario-empty-text = 文本是空的。
    .label = 这里什么也没有
    .help = 在引号里写点内容，或者删掉这一行。
scenario-unclosed-quote = 引号没有配对。
    .label = 从这里开始
    .help = 用同样的引号结束。在 TOML 的双引号文本里请用单引号：do = "client send 'hello'"

scenario-time-not-a-number = 看不懂这个时间。
    .label = “{ $found }”不是以数字开头
    .help = 请写数字加单位，例如 "10ms"、"1.5s" 或 "2min"。
scenario-time-negative = 时间是负的。
    .label = “{ $found }”在起点之前
    .help = 每个场景都从 0 开始，时间只能往前走。
scenario-time-without-unit = 时间没有单位。
    .label = “{ $found }”，单位是什么？
    .help = 请带引号写上 ns、us、ms、s、min 或 h，例如 "10ms"。
scenario-time-unknown-unit = 不认识这个时间单位。
    .label = 看不懂“{ $found }”
    .help = 单位有 ns、us、ms、s、min、h，例如 "10ms"。
scenario-time-too-long = 时间太长了。
    .label = “{ $found }”超过一百年
    .help = 虚拟时间虽然不花钱，也用不着这么长。
scenario-until-before-from = 故障的结束不晚于开始。
    .label = 不晚于“from”
    .help = 让“until”晚于“from”。
scenario-known-twice = 一条已知差异，说的要么是报文段，要么是状态，不能两样都说。
    .label = 多了这一个
    .help = 写成两条 [[lab.known]]，一条用“segments”，一条用“states”。
scenario-after-the-end = 有一步排在场景结束之后。
    .label = 永远轮不到：场景在 { $until } 结束
    .help = 把这一步提前，或者把“until”往后放。
scenario-two-triggers = 脚本的一项写了两种开始方式。
    .label = 已经有“at”了
    .help = 只写“at”；或者写“when”，可以再加“after”；或者只写“after”。

scenario-bad-number = 数字看不懂，或者太大。
    .label = “{ $found }”
    .help = 请写 0 到 { $max } 之间的整数。
scenario-number-too-small = “{ $key }”太小。
    .label = 小于 { $min }
    .help = 有意义的最小值是 { $min }。
scenario-bad-port = 看不懂这个端口。
    .label = “{ $found }”
    .help = 端口是 1 到 65535 之间的整数。
scenario-port-missing = 缺少端口。
    .label = “{ $found }”的哪个端口？
    .help = 请写成 主机:端口，例如 server:80。
scenario-bad-payload = 看不懂要发送什么。
    .label = “{ $found }”既不是带引号的文本，也不是长度
    .help = 请写带引号的文本（'hello'），或者字节数（100、10KB、1MiB）。
scenario-bad-chance = 概率不在 0 到 1 之间。
    .label = “{ $found }”
    .help = 请写 0（从不）到 1（总是）之间的数，或者 "20%" 这样的文本。
scenario-bad-bandwidth = 看不懂这个带宽。
    .label = “{ $found }”
    .help = 请写数字加单位："10Mbit"、"56kbit" 或 "1Gbit"（每秒比特数）。
scenario-bad-count = 看不懂这个序数。
    .label = “{ $found }”
    .help = #1 是第一个这样的报文，#2..4 是第二到第四个，#3.. 是从第三个起的全部。
scenario-bad-sequence-number = 看不懂这个序号。
    .label = “{ $found }”
    .help = 请写序号本身（1001），或者用 +1 表示从初始序号数起；注入的报文段里还可以写 server.rcv_nxt-1。
scenario-unknown-variable = 没有“{ $found }”这个变量。
    .label = 不是连接的变量
    .help = 变量有：{ $choices }。

scenario-no-hosts = 没有任何主机。
    .label = 这里一台主机也没有
    .help = 每台主机写一行，例如 client = "10.0.0.1"。
scenario-bad-host-name = “{ $found }”不能用作主机名。
    .label = 与保留的词重名，或者带有符号
    .help = 请换一个不带空格和符号的词；any、udp、各个动词和 [expect] 的键都已占用。
scenario-bad-address = 地址看不懂，或者不能用作主机地址。
    .label = “{ $found }”
    .help = 请写一台主机的 IPv4 或 IPv6 地址，例如 "10.0.0.1" 或 "fd00::1"。
scenario-address-taken = 两台主机用了同一个地址。
    .label = { $found } 已经是“{ $host }”的
    .help = 每台主机要有自己的地址。
scenario-no-common-family = 两台主机没有同一种地址。
    .label = 从这里到不了“{ $host }”
    .help = 两边都给 IPv4 地址，或者都给 IPv6 地址：addr = ["10.0.0.1", "fd00::1"]
scenario-bad-topic = 看不懂这个主题。
    .label = “{ $found }”
    .help = 面试题写成 "interview/11"，RFC 的章节写成 "rfc9293#3.5"。
scenario-unknown-choice = “{ $key }”不能是“{ $found }”。
    .label = 不在可选范围内
    .help = 可选：{ $choices }。

scenario-nothing-happens = 这个场景里什么也不会发生。
    .label = 这里一步也没有
    .help = 加上 [[script]]，下面写 at = "0ms" 和 do = "server listen 80"。
scenario-unknown-host = 没有叫“{ $found }”的主机。
    .label = [hosts] 里没有它
    .help = 主机有：{ $choices }。
scenario-host-missing = 谁来“{ $verb }”？
    .label = 前面缺少主机名
    .help = 请以主机名开头：client connect server:80
scenario-unknown-verb = 主机不会“{ $found }”。
    .label = 不是动词
    .help = 动词有：{ $choices }。
scenario-word-missing = 这一行没有写完。
    .label = 后面应该有 { $expected }
    .help = 写法：{ $usage }
scenario-word-left-over = 多了一个词。
    .label = “{ $word }”在这里没有意义
    .help = 写法：{ $usage }
scenario-unknown-word = 看不懂“{ $found }”。
    .label = 不在可选范围内
    .help = 可选：{ $choices }。
scenario-bad-socket-name = “{ $found }”不能用作套接字的名字。
    .label = 与动词重名，或者带有符号
    .help = 请换一个由字母和数字组成的词，例如 c1。
scenario-unknown-socket = “{ $host }”没有叫“{ $found }”的套接字。
    .label = 没有哪一行产生它
    .help = 名字由 `主机 名字 connect …`、`主机 名字 listen …` 或 `主机 accept as 名字` 产生。已有：{ $choices }。
scenario-unknown-option = 没有“{ $found }”这个套接字选项。
    .label = 不是选项
    .help = 选项有：{ $choices }。对整台主机的设置写在 [hosts] 里。
scenario-bad-direction = 从哪里到哪里？
    .label = “{ $found }”里没有 >
    .help = 请写成 起点>终点，不带空格，例如 client>server 或 client:40000>server:80。
scenario-unknown-fault = 没有叫“{ $found }”的故障。
    .label = 没有这个名字
    .help = 给故障起名：[[fault]] 下写 name = "{ $found }"。已有名字：{ $choices }。

scenario-unknown-flags = “{ $found }”不是标志位。
    .label = 看不懂
    .help = 标志位之间用逗号相连，例如 SYN,ACK；none 表示一个也没有。可用：{ $choices }。
scenario-unknown-packet-word = “{ $found }”不能用来描述报文。
    .label = 看不懂
    .help = 可用：{ $choices }。
scenario-unknown-condition = 没有“{ $found }”这个条件。
    .label = 看不懂
    .help = 条件有：{ $choices }。
scenario-second-kind = 一个报文不能既是“{ $first }”又是“{ $second }”。
    .label = 第二种类型
    .help = 标志位之间用逗号相连，不带空格：SYN,ACK。
scenario-unknown-condition-word = “{ $found }”既不是状态，也不是报文。
    .label = 看不懂
    .help = 请写 主机 状态，例如 server CLOSE-WAIT；或者写报文，例如 client FIN 或 client SYN arrives。可用：{ $choices }。
scenario-unknown-state = 没有“{ $found }”这个状态。
    .label = 不是状态
    .help = 状态有：{ $choices }。
scenario-unknown-act = 故障不会“{ $found }”。
    .label = 看不懂
    .help = 它可以：{ $choices }。

scenario-unknown-expectation = “{ $key }”不能写在期望里。
    .label = 既不是主机，也不是列表
    .help = 这里可以写：{ $choices }；也可以写 "主机 with 主机"，只看其中一部分连接的状态。
scenario-unknown-call = 没有“{ $found }”这个调用。
    .label = 不是调用
    .help = 调用有：{ $choices }。
scenario-unknown-outcome = 调用不会返回“{ $found }”。
    .label = 看不懂
    .help = 请写 ok、字节数、end，或者错误的名字。可用：{ $choices }。
scenario-unknown-rule = 没有“{ $found }”这条规则。
    .label = 不是规则
    .help = 规则的名字见 `run --format json` 的输出，例如 listen-answers-syn。
scenario-count-in-list = 在报文段的列表里，序数没有意义。
    .label = 它在列表中的位置就说明了是第几个
    .help = 去掉 # 和后面的数字。

# 运行之后：场景里哪些话落了空，哪里与期望不符。
scenario-dead-fault = 有一个故障从未碰到报文。
    .label = 没有一个报文符合“{ $fault }”
    .help = 改正它针对的报文，或者删掉这个故障。用 `run` 可以看到实际发送了什么。
scenario-dead-fault-count = 有一个故障从未碰到报文。
    .label = 这样的报文总共只有 { $count } 个
    .help = 改正 # 后面的序数，或者删掉这个故障。
scenario-dead-condition = 有一步始终没有轮到。
    .label = 它等待的事情没有发生
    .help = 改正“when”，或者用 `run` 看看为什么没有发生。
scenario-dead-after = 有一步始终没有轮到。
    .label = 它前面的调用一直没有返回
    .help = 改用“at”或“when”，或者用 `run` 看看为什么没有返回。
scenario-states-differ = “{ $host }”经过的状态与期望不同。
    .label = 它在这里进入的是 { $found }
    .help = 它实际经过：{ $all }。
scenario-states-missing = “{ $host }”经过的状态比期望的少。
    .label = 它没有走到这一步
    .help = 它实际经过：{ $all }。
scenario-states-extra = “{ $host }”经过了更多的状态。
    .label = 这之后它又进入 { $found }
    .help = 它实际经过：{ $all }。用 "..." 表示后面任意。
scenario-segment-differs = 发送的是另一个报文段。
    .label = 第 { $position } 个实际是：{ $found }
    .help = 改正这一行，或者改正场景。"..." 表示任意多个报文段。
scenario-segment-missing = 少发了一个报文段。
    .label = { $position ->
        [1] 一个报文段也没有发送
       *[other] 前一个之后再也没有发送
    }
    .help = 改正这一行，或者改正场景。
scenario-segment-extra = 多发了报文段。
    .label = 这之后还有：{ $found }
    .help = 把它加上，或者用 "..." 表示后面任意。
scenario-return-missing = 没有调用这样返回。
    .label = 实际返回：{ $found }
    .help = “{ $host }”的返回按先后排列，中间可以有别的返回。
scenario-delivered-differs = “{ $host }”收到的字节数不同。
    .label = 是 { $found } 字节，不是 { $expected } 字节
    .help = 只计算 recv() 返回的字节：写了 recv 吗？要一直读下去吗（recv all）？
scenario-delivered-garbled = “{ $host }”收到的内容不同。
    .label = 字节数对，内容不对
    .help = 与发送的内容对照一下。
scenario-rule-missing = 有一条规则没有触发。
    .label = 在这里，“{ $host }”上没有触发“{ $rule }”
    .help = 同一台主机的规则按先后排列；用 `run --format json` 可以看到触发了哪些。

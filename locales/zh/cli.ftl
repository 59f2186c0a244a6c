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
cli-after-completions =
    用于 bash：
      handshake completions bash > ~/.local/share/bash-completion/completions/handshake
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
cli-arg-pace = 按比例的时间播放：1x 为实际速度，2x 快一倍
cli-arg-write = 同时把报文写入抓包文件
cli-arg-seed = 随机数的种子
cli-arg-profile = 采用哪种 TCP 协议栈（默认由场景决定）
cli-arg-scenario = 场景名，或场景文件
cli-arg-scenarios = 若干场景名或场景文件
cli-arg-capture = pcap 或 pcapng 文件；- 表示标准输入
cli-arg-connection = 只看这条连接，编号见汇总表
cli-arg-port = 只看用到这个端口的连接
cli-arg-host = 只看用到这个地址的连接
cli-read-arg-format = text；tsv 每个报文一行；或 json
cli-arg-shell = bash、zsh、fish、elvish 或 powershell
cli-arg-command = handshake 的某个命令

# 参数应当是什么，用于错误信息
cli-expected-seed = 一个整数，例如 7
cli-expected-width = 20 到 1000 之间的整数
cli-expected-pace = 一个倍数，例如 2x 或 0.5x
cli-expected-connection = 连接的编号，例如 0
cli-expected-port = 0 到 65535 之间的端口号
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
cli-write-over-input = { $path } 同时也是输入文件，写入会毁掉它。
    .help = 换一个文件名。

# 逐步播放
cli-step-prompt = [回车：下一个 · q：退出]
cli-step-needs-text = --step 和 --pace 只能与 --format text 一起使用。

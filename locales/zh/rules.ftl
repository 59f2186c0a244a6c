# TCP 为什么这样做：tcp::Rule 的每个成员对应一条。
#
# rule-KEY 是规则和道理，不带变量，可以单独使用。
# .sent 说明按这条规则发出的是什么报文段；.arrived 说明到达的报文段结果如何。
# 变量：$seq $ack $len $win 是报文段的字段，$end 是它所占最后一个序号的下一个，
# $ends、$acks 是写成算式的同一个数（1000 + 1 = 1001），$isn 是发送方的初始序号；到达时
# $expected 是 RCV.NXT，$last 是窗口内最后一个序号，$una、$nxt 是接收方的 SND.UNA、SND.NXT；
# $waited 是距离上次发送过了多久，$count 是这一段总共发了几次。

## 没有连接

rule-closed-ignores-reset = 收到 RST 绝不再回 RST，否则两台主机会没完没了地互相复位。
    .arrived = 这里没有任何连接可供它复位：丢弃。
rule-closed-resets-without-ack = 用 RST 立刻拒绝，connect() 马上报错，不必白等几分钟。
    .sent = RST,ACK：这个端口没有程序在监听。ack = { $acks } 指明拒绝的是哪个报文段；本端没有自己的序号，所以 seq = 0。
    .arrived = 这里既没有连接，也没有程序在监听：拒绝。
rule-closed-resets-with-ack = 对不认识的连接回 RST，对方就明白了；比如本机重启过，而对方还不知道。
    .sent = RST：这里没有这条连接。seq = { $seq } 照抄对方的确认号，对方才会相信它。
    .arrived = 它所属的连接在这里并不存在：回 RST。

## LISTEN

rule-listen-ignores-reset = 监听者还什么都没发过，RST 无从谈起。
    .arrived = 监听端口收到 RST：不理会。
rule-listen-resets-ack = 监听者什么都没发过，谈不上被确认；这个报文段属于从前的某条连接。
    .sent = RST，seq = { $seq } 照抄那个来历不明的确认号。
    .arrived = 它确认的连接，监听者根本不知道：拒绝。
rule-listen-answers-syn = 一个报文段既确认对方的初始序号，又报出自己的，所以握手三次就够，不必四次。
    .sent = SYN,ACK（第二次握手）：“你的 SYN 收到了（ack = { $acks }），我的序号从 { $seq } 开始。”
    .arrived = 监听者收下 SYN，把这条半连接放进半连接队列。
rule-listen-drops-other = 只有 SYN 才能打开连接。
    .arrived = 既不是 SYN，也没有 ACK 和 RST：监听者把它丢弃。
rule-listen-drops-syn-fin = 同一个报文段里又要打开又要关闭，毫无道理；Linux 直接丢弃，不作回答。
    .arrived = SYN 和 FIN 同时置 1：丢弃。
rule-listen-syn-queue-full = 每条半连接都要占内存，所以数量有上限。客户端会重传 SYN，到时也许就有空位了。SYN 洪泛攻击正是钻这个空子。
    .arrived = 半连接队列满了：悄悄丢弃这个 SYN。
rule-listen-accept-queue-full = 已建立的连接还在等 accept()，Linux 就不再收新的；不回答，客户端自会过一会儿再试。
    .arrived = 程序迟迟不调用 accept()，全连接队列满了：悄悄丢弃这个 SYN。
rule-listen-sends-cookie = 半连接队列满时，服务器什么也不记：要记的东西都算进自己的序号里，等第三次握手时由客户端带回来。
    .sent = 带 cookie 的 SYN,ACK：seq = { $seq } 由地址、端口和时间加密钥算出；ack = { $acks } 照旧。
    .arrived = 半连接队列满了，这个 SYN 得不到位置，只得到一个 cookie。
rule-cookie-accepted = 能把 cookie 带回来，说明确实收到了它，地址不是伪造的；连接就凭 cookie 里的信息建立起来。
    .arrived = ack − 1 正是本服务器发出的 cookie：接受。
rule-cookie-rejected = 没有有效的 cookie，这个 ACK 就不是在回答本服务器。
    .sent = RST，seq = { $seq }：这不是我们发出的 cookie。
    .arrived = ack − 1 不是有效的 cookie：拒绝。
rule-accept-queue-full-drops-ack = 服务器只当第三次握手丢了：它会重传 SYN,ACK，下一个 ACK 来时也许就有空位。而客户端已经以为连接建好了。
    .arrived = 握手途中全连接队列满了：丢弃这个 ACK。
rule-accept-queue-full-resets = 设置 tcp_abort_on_overflow=1 后，Linux 会立即告诉客户端：接待不了。
    .sent = RST：握手本身没有问题，但全连接队列满了。
    .arrived = 全连接队列满了，而本机设置为直接拒绝。
rule-fast-open-gives-cookie = 下次连接时，cookie 能证明客户端的地址是真的，那时数据就可以跟着 SYN 一起走。
    .sent = 带 Fast Open cookie 的 SYN,ACK：ack = { $acks }，seq = { $seq }。
    .arrived = 这个 SYN 想要一个 Fast Open cookie。
rule-fast-open-accepts-data = cookie 正是发给这个客户端地址的，数据不必等握手完成，省下一个往返时间。
    .sent = SYN,ACK 把 SYN 和数据一起确认：ack = { $acks }。
    .arrived = cookie 有效：SYN 携带的 { $len } 字节立即交给程序。
rule-fast-open-rejects-data = 没有有效的 cookie，谁都可能冒充发这个 SYN；数据要等握手之后重发。
    .sent = SYN,ACK 只确认 SYN，不确认它带的数据：ack = { $ack }，seq = { $seq }。
    .arrived = 没有有效的 Fast Open cookie：SYN 上的 { $len } 字节不算数。
rule-listener-closed-resets = 还排在队列里的连接，再也没有程序来 accept 了。
    .sent = RST：还没有人 accept 这条连接，监听就关闭了。

## SYN-SENT

rule-syn-sent-bad-ack-resets = 它回答的是从前的某个 SYN，不是这一个。RST 让对方清掉那条半连接，我们继续等自己的回答。
    .sent = RST，seq = { $seq }，就是那个确认错了的号。
    .arrived = ack = { $ack }，而确认我们的 SYN 应该是 { $nxt }：答非所问。
rule-syn-sent-bad-ack-with-reset = RST 必须表明它见过我们的 SYN 才算数，否则谁都能伪造。
    .arrived = RST 的 ack = { $ack } 不对（应为 { $nxt }）：丢弃。
rule-syn-sent-refused = 对方主机在，但那个端口没有程序监听：connect() 以 ECONNREFUSED 失败。
    .arrived = RST 确认了我们的 SYN（ack = { $ack }），确实是给我们的。
rule-syn-sent-reset-without-ack = 不带 ACK 的 RST，无法表明它见过我们的 SYN。
    .arrived = 不带 ACK 的 RST 说明不了什么：丢弃。
rule-syn-sent-established = 在这一端，双方的初始序号都知道了，也确认了；对端此刻还不知道。
    .sent = ACK：ack = { $acks }。服务器由此知道自己的 SYN 到了。
    .arrived = SYN,ACK 确认了我们的 SYN（ack = { $ack }），并带来对方的初始序号。
rule-syn-sent-simultaneous = 两端同时 connect()，两个 SYN 在途中交错。TCP 把它们合成一条连接，而不是两条。
    .sent = SYN,ACK：还是我们的 SYN（seq = { $seq }），同时确认对方的：ack = { $acks }。
    .arrived = 等来的不是 SYN,ACK 而是 SYN：对方也在主动打开。
rule-syn-sent-drops-other = 双方交换 SYN 之前，别的报文段都没有意义。
    .arrived = 既不是 SYN 也不是 RST：丢弃，继续等 SYN,ACK。
rule-syn-sent-retries-at-once = RST 已经把对方旧的半连接清掉了，Linux 不等定时器，马上再试。
    .sent = 立即重发 SYN：seq = { $seq }。
rule-syn-sent-ignores-text = SYN,ACK 上的数据此时还不收，等连接建立后对方会重发。
    .arrived = SYN,ACK 上带的 { $len } 字节数据先放着不收。

## 在不在窗口内

rule-sequence-unacceptable = 只有落在接收窗口内的序号才可信；回一个 ACK，让真正的对端知道我们收到哪儿了。
    .sent = ACK，纠正对方：“我在等 { $ack }”。
    .arrived = seq = { $seq } 不在接收窗口 { $expected }～{ $last } 之内：不收。
rule-sequence-unacceptable-reset = 窗口之外的 RST 不是过期的就是伪造的，回答它只会帮了伪造者。
    .arrived = RST 的 seq = { $seq } 不在窗口 { $expected }～{ $last } 之内：悄悄丢弃。
rule-zero-window-unacceptable = 窗口为 0 时一个字节也放不下；ACK 重申这一点，等有空位时它会带来新的窗口。
    .sent = ACK：窗口仍是 win = { $win }，仍在等 { $ack }。
    .arrived = 我们的窗口关着（win = 0）：数据收不下。
rule-keepalive-answered = 探测段故意用一个旧序号：它落在窗口外，必定引来一个 ACK，于是就知道这头还活着。
    .sent = ACK：“我还在，在等 { $ack }”。
    .arrived = seq = { $seq } 比期待的 { $expected } 小 1：这是保活探测。
rule-paws-rejects = 同一条连接里时间戳只增不减。旧时间戳说明这个报文段在网络里滞留太久，哪怕它的序号又碰巧合适。
    .sent = ACK：那个报文段太旧了；我们在等 { $ack }。
    .arrived = 它的时间戳比上次收下的还早：是旧报文段，丢弃。

## RST

rule-reset-returns-to-listen = 那个 SYN 可能是旧的，发送者把它撤回了。被动打开的一端当作什么都没发生，继续监听。
    .arrived = 半连接收到 RST：从半连接队列里删除。
rule-reset-refuses-active-open = 这一端自己调用过 connect()，必须让程序知道：ECONNREFUSED。
    .arrived = 同时打开的途中收到 RST：连接被拒绝。
rule-reset-accepted = 只有序号恰好等于期待值的 RST 才生效，凭空去猜，2³² 次里才中一次。途中的数据全部作废。
    .arrived = RST 的 seq = { $seq } 恰好是我们期待的：连接立即拆除。
rule-reset-while-closing = 双方本来就说完了，RST 只是让告别提前结束。
    .arrived = 关闭途中收到 RST，seq = { $seq } 无误：到此为止。
rule-reset-challenged = 可能是瞎猜的。真的对端如果丢了连接，会用序号准确的 RST 回答质询；伪造者根本看不到质询。
    .sent = 质询 ACK：“当真吗？我在等 { $ack }”。
    .arrived = RST 的 seq = { $seq } 在窗口内，却不恰好是 { $expected }：不照办。
rule-reset-just-below-window = 收下对方的 FIN 后，期待值加了 1；Linux 容忍 RST 没把 FIN 算进去。
    .arrived = RST 的 seq = { $seq }，比 { $expected } 小 1，差在那个 FIN 上：接受。
rule-time-wait-ignores-reset = TIME-WAIT 保护下一条连接不受旧报文段干扰，不能被一个游荡的 RST 提前终结（所谓“TIME-WAIT 暗杀”）。
    .arrived = TIME-WAIT 收到 RST：不理会。
rule-time-wait-ended-by-reset = RFC 9293 和 Linux 的默认设置（tcp_rfc1337=0）会照办；RFC 1337 称之为“暗杀”：旧报文段可能因此闯进新连接。
    .arrived = TIME-WAIT 收到 RST：等待提前结束。

## 不该出现的 SYN

rule-syn-returns-to-listen = 同一条半连接上来了另一个 SYN：客户端重新开始了，我们也重新开始。
    .arrived = 半连接上来了新的 SYN（seq = { $seq }）：忘掉旧的那次尝试。
rule-syn-challenged = 是伪造的，还是对方重启了？发质询 ACK 就能分辨：如果对端真的忘了这条连接，会回一个序号准确的 RST，障碍就清除了。
    .sent = 质询 ACK：“这条连接还开着，我在等 { $ack }”。
    .arrived = 已建立的连接上来了 SYN：不照办。
rule-syn-repeated = 对方没收到我们的 SYN,ACK。RFC 9293 用一个 ACK 说明进行到了哪里；Linux 则把 SYN,ACK 再发一次。
    .sent = { $flags ->
        [ACK] ACK：seq = { $seq }，ack = { $acks }。这个 SYN 早已收下，现在进行到这里。
       *[other] 重发 SYN,ACK：seq = { $seq }，ack = { $acks }。
    }
    .arrived = 同一个 SYN（seq = { $seq }）又来了：我们的回答一定是丢了。
rule-syn-ack-repeated = 单独的 ACK 自己不会重传，要等对方重发来催；第三次握手丢了，就是这样补上的。
    .sent = 再发一次 ACK：ack = { $acks }。那个 SYN,ACK 早就收下了。
    .arrived = 同一个 SYN,ACK（seq = { $seq }）又来了：我们对它的确认一定是丢了。
rule-time-wait-accepts-syn = 它的序号（或时间戳）比旧连接用过的都大，新旧不会混淆，这对端口可以马上再用。
    .sent = 从 TIME-WAIT 回答 SYN,ACK：seq = { $seq }，ack = { $acks }。
    .arrived = SYN 的 seq = { $seq }，大于旧连接的 { $expected }：接受。
rule-time-wait-refuses-syn = 这个序号可能属于旧连接，就按旧报文段回答。真的客户端会回 RST，然后再试。
    .sent = 再发一次最后的 ACK：ack = { $ack }。
    .arrived = SYN 的 seq = { $seq }，没有超过旧连接的 { $expected }：不接受。

## ACK

rule-no-ack-dropped = 握手之后每个报文段都带 ACK；不带的就不是对端发的。
    .arrived = 没有 ACK 标志：丢弃。
rule-ack-too-old = 正常的对端不会去确认比上一个窗口还早的序号，可能有人在瞎猜。质询 ACK 不会泄露什么。
    .sent = 质询 ACK：我们在等 { $ack }。
    .arrived = ack = { $ack }，远远小于早已确认过的 { $una }：不可信。
rule-ack-of-unsent = 没发过的东西，谈不上确认。
    .sent = ACK，纠正对方：我们的 seq = { $seq }，在等 { $ack }。
    .arrived = ack = { $ack }，可我们才发到 { $nxt }：不收。
rule-syn-received-established = 到这时，双方才都确信彼此能发也能收；只有两次握手，做不到这一点。
    .arrived = ack = { $ack } 确认了我们的 SYN：这一端的连接也建立了。
rule-syn-received-bad-ack = 它回答的不是我们的 SYN,ACK，大概来自从前的连接。
    .sent = RST，seq = { $seq } 照抄那个错误的确认号。
    .arrived = ack = { $ack }，而确认我们的 SYN 应该是 { $nxt }：拒绝。
rule-ack-advances = 确认号是累积的：它是期待收到的下一个序号，也就是说在它之前的全都收到了。
    .arrived = ack = { $ack }：{ $ack } 之前的对方都收到了。
rule-ack-duplicate = 对方重复它在等的序号。出现一次可能只是乱序，连续三次就说明有报文段丢了。
    .arrived = 还有数据在途中，却又收到 ack = { $ack }：重复 ACK。
rule-ack-repeats-nothing-new = 它没有确认任何新的东西。
    .arrived = ack = { $ack }：没有新内容。
rule-window-updated = 窗口表示：从确认号起，接收方还放得下多少字节。
    .arrived = win = { $win }：对方通告了新的窗口。
rule-fin-acknowledged = 连接处于半关闭状态：对方还可以继续发送。
    .arrived = ack = { $ack } 确认了我们的 FIN。
rule-closing-fin-acknowledged = 两个 FIN 都发了，也都得到了确认；剩下的只是等旧报文段在网络里消失。
    .arrived = ack = { $ack } 确认了我们的 FIN：同时关闭完成。
rule-last-ack-fin-acknowledged = 后关闭的一方不用再等：TIME-WAIT 由先关闭的一方承担。
    .arrived = ack = { $ack } 确认了我们的 FIN：连接关闭。
rule-time-wait-fin-repeated = 我们最后的 ACK 丢了，所以对方重传 FIN。TIME-WAIT 正是为这一刻准备的，2MSL 重新计时。
    .sent = 再发一次最后的 ACK：ack = { $acks }。
    .arrived = 对方的 FIN 又来了：它没收到我们最后的 ACK。

## 紧急指针与数据

rule-urgent-advances = 紧急指针只是催程序快点读，数据仍按顺序交付。
    .arrived = URG：紧急数据的末尾又往后移了。
rule-text-accepted = 数据严格按顺序交付，下一个期待的序号增加相应的字节数。
    .arrived = 从 { $seq } 起的 { $len } 字节，顺序正确；接下来期待 { $ends }。
rule-text-held = TCP 只按顺序交付，缺口后面的数据要在缓冲区里等着。
    .arrived = seq = { $seq }，可是 { $expected } 还没到：这 { $len } 字节先存着，等缺口补上。
rule-text-fills-gap = 缺的那一段到了，后面存着的也就能一起交付，而且要马上让发送方知道。
    .sent = ACK：缺口补上了，ack 一下跳到 { $ack }。
    .arrived = 从 { $seq } 起的 { $len } 字节补上了缺口。
rule-text-duplicate = 这段数据早就收过，大概是我们的 ACK 丢了或晚了。再确认一次，对方才不会继续重传。
    .sent = 再发 ACK：“{ $ack } 之前的我都有了”。
    .arrived = 从 { $seq } 起的数据早就收过（现在期待 { $expected }）：扔掉。
rule-text-after-close = 程序已经关闭，再也不会读这些数据。悄悄收下等于骗人，所以用 RST 告诉对方。
    .sent = RST，seq = { $seq }：这里已经没有人读了。
    .arrived = 来了 { $len } 字节，可程序已经关闭了。
rule-text-after-peer-fin = 对方的 FIN 说过后面不再有数据。
    .arrived = 数据排在对方自己的 FIN 之后：不理会。
rule-fast-open-data-established = 用 Fast Open 时，SYN 携带的数据在握手完成之前就交给程序。
    .arrived = SYN 携带的 { $len } 字节交给程序。

## FIN

rule-fin-to-close-wait = 数据读完后 recv() 返回 0，而我们还可以发送。程序若忘了 close()，就会一直停在 CLOSE-WAIT。
    .arrived = FIN：对方不再发送，我们确认到 { $end }。
rule-fin-to-closing = 两端同时 close()，两个 FIN 在途中交错，各自还在等对方确认自己的 FIN。
    .arrived = 先等来的是对方的 FIN，而不是对我们 FIN 的确认：同时关闭。
rule-fin-to-time-wait = 先关闭的一方要等 2MSL：最后的 ACK 可能会丢，旧报文段也要先在网络里消失，这对端口才能再用。
    .arrived = 对方的 FIN：两个方向都关闭了。
rule-fin-with-ack-to-time-wait = 四次挥手合成了三次。先关闭的一方要等 2MSL：最后的 ACK 可能会丢，旧报文段也要先消失。
    .arrived = FIN,ACK：ack = { $ack } 确认了我们的 FIN，对方的 FIN 也一起到了。
rule-fin-held = 在它之前的数据都到齐了，FIN 才算数。
    .arrived = FIN 到了，可是 { $expected } 还没到：先存着，等缺口补上。
rule-fin-repeated = 对方没收到我们对它 FIN 的确认，所以重发 FIN，我们也重发 ACK。
    .sent = 再次确认 FIN：ack = { $ack }。
    .arrived = 同一个 FIN 又来了。

## 调用

rule-open-passive = listen() 不发任何报文段，只是从此接受 SYN，并备好半连接队列和等待 accept() 的全连接队列。
rule-open-active = 两端各从一个初始序号（ISN）开始给字节编号。SYN 也算一个字节，占一个序号，这样才能被确认。
    .sent = SYN（第一次握手）：“建立连接吧，我的序号从 { $seq } 开始。”SYN 占掉这个序号，第一个字节将是 { $ends }。
rule-open-fast-open = 客户端手里已有这台服务器的 cookie，数据不必等握手完成。
    .sent = 带 Fast Open cookie 和 { $len } 字节数据的 SYN，到 { $ends } 为止。
rule-open-asks-cookie = 空的 Fast Open 选项是在要 cookie；下次连接时，数据就可以跟着 SYN 走。
    .sent = SYN，seq = { $seq }，顺便要一个 Fast Open cookie。
rule-sends-text = seq 是第一个字节的序号；确认号是收到的最后一个字节的下一个序号。
    .sent = 从序号 { $seq } 起的 { $len } 字节，确认号将是 { $ends }。
rule-sends-handshake-ack = 它不占序号，所以不会被确认，也不会重传；万一丢了，接下来的数据会顶替它。
    .sent = ACK（第三次握手）：ack = { $acks }。对方由此知道自己的 SYN 到了。
rule-close-listen = 监听结束；没有对端需要通知。
rule-close-syn-sent = 连接还不存在，不用跟谁打招呼：这次尝试作废就是了。
rule-close-syn-received = 连接还没用过就要关闭；照常用 FIN 告诉对方。
rule-close-established = close() 的意思是：我不再发送。另一个方向要等对方也关闭，所以挥手要四次。
    .sent = FIN：“我的数据发完了。”它占用序号 { $seq }，确认号将是 { $ends }。
rule-close-close-wait = 对方先关闭；我们的 FIN 一发，另一个方向也就结束了。
    .sent = FIN：我们这边也发完了，确认号将是 { $ends }。
rule-sends-fin = FIN 排在所有数据之后，也占一个序号，因此能被确认、能重传。
    .sent = FIN：“我的数据发完了。”它占用序号 { $seq }，确认号将是 { $ends }。
rule-close-with-unread-text = 若发 FIN，就像一切顺利似的。RST 让对方知道：它的数据没有被读走。
    .sent = RST：收到的数据还没读完，程序就关闭了。
rule-linger-zero = SO_LINGER 设为 0 时，close() 直接扔掉连接：没有 FIN，没有 TIME-WAIT，途中的数据可能丢失。
    .sent = 不发 FIN，而发 RST，seq = { $seq }。
rule-abort-sends-reset = 中止就是立刻放弃一切，对方从 RST 得知。
    .sent = RST，seq = { $seq }：连接中止。
rule-abort-silent = 还没有对端，或者对端已经道过别了，不需要 RST。

## 确认

rule-acks-at-once = 有些报文段必须立刻确认，不能拖延。
    .sent = 立即确认：ack = { $acks }。
rule-acks-every-second-segment = ACK 可以推迟，好省几个报文段；但满长的报文段每收到两个就应当确认一次，否则发送方会停顿。
    .sent = 两个报文段一起确认：ack = { $acks }。
rule-acks-out-of-order = 一有缺口，就马上重复上一个确认号；这样的 ACK 出现三次，发送方就不等定时器，直接补发缺的那段。
    .sent = 重复 ACK：“我还在等 { $ack }”。
rule-acks-fin = FIN 占一个序号，所以要加 1。
    .sent = 确认 FIN：ack = { $acks }。
rule-ack-delayed = ACK 先等一小会儿（最多 0.5 秒），也许能搭上本端要发的数据。
rule-ack-delay-expired = 等了一阵，本端没有数据可以捎带，ACK 只好单独走。
    .sent = 推迟的 ACK：ack = { $acks }。
rule-ack-quick = 连接刚开始时，Linux 不推迟 ACK，好让发送方快点提速。
    .sent = 立即确认：ack = { $acks }。
rule-challenge-limited = 质询 ACK 有数量限制，免得有人借这台主机去淹没别人。
    .arrived = 本该发质询 ACK，但最近发得太多了：不作声。
rule-window-opens = 程序读走了数据，又有空位了。对着零窗口等待的发送方必须知道。
    .sent = 专为窗口发的 ACK：win = { $win }。
rule-reports-duplicate = 第一个 SACK 块（D-SACK）指出哪些字节收到了两次，发送方由此知道那次重传是多余的。
    .sent = ACK：ack = { $ack }，SACK 块里写着收到两次的部分。

## 暂不发送

rule-nagle-holds = Nagle 算法：还有数据没被确认时，零碎的小数据先攒着，不一个个单独发。TCP_NODELAY 可以关掉它。
rule-silly-window-holds = 窗口太小，不值得发：首部比数据还大。等窗口够用了再发。
rule-window-closed-holds = 对方没有空位了（win = 0），发送停下来，坚持定时器会时不时去问一声。
rule-congestion-holds = 这个上限来自网络，而不是对端：途中的数据不能超过拥塞窗口。

## 重传

rule-retransmit-timeout = 重传最早未确认的报文段，并把定时器加倍，让拥挤的网络缓过来。
    .sent = { $waited } 内没有 ACK：重传从 { $seq } 起的数据（第 { $count } 次发送）。
rule-syn-timeout = 丢的是 SYN 还是对它的回答，客户端无从得知，只能重传同一个 SYN，每次等待的时间加倍。
    .sent = { $waited } 内没有回答：重传同一个 SYN（第 { $count } 次发送）。
rule-syn-timeout-linear = Linux 6.5 起，头几次 SYN（默认 4 次）都只隔一秒就重传，之后等待时间才加倍。
    .sent = { $waited } 内没有回答：重传同一个 SYN（第 { $count } 次发送）。
rule-syn-ack-timeout = 单独的 ACK 客户端是不会重传的；第三次握手丢了，全靠重传 SYN,ACK 来补救。
    .sent = { $waited } 内没有 ACK：重传同一个 SYN,ACK（第 { $count } 次发送）。
rule-fin-timeout = FIN 占一个序号，所以像数据一样，得不到确认就重传。
    .sent = { $waited } 内没有 ACK：重传同一个 FIN（第 { $count } 次发送）。
rule-retransmissions-mount = 已重传三次仍无回音（达到门限 R1）：路可能断了，先告诉程序一声，同时继续重试，直到门限 R2。
rule-gives-up = 重传太多次仍无回音，就当对端不在了；程序得到 ETIMEDOUT。
    .sent = RST：放弃了；对方若还在，也该知道一声。
rule-syn-gives-up = 所有 SYN 都没有回答：connect() 以 ETIMEDOUT 失败。若是拒绝，对方会发 RST；现在是一片寂静。
rule-syn-ack-gives-up = 所有 SYN,ACK 都没有回答：忘掉这条半连接，半连接队列里空出一个位置。
    .sent = RST：放弃这条半连接。
rule-orphan-gives-up = close() 之后，没有程序再等这条连接（孤儿连接），所以 Linux 放弃得更早（tcp_orphan_retries）。
    .sent = RST：放弃这条孤儿连接。
rule-tail-loss-probe = 一批数据的最后几段丢了，后面就没有报文段来引出重复 ACK。所以 Linux 不等重传定时器，大约两个往返时间后就探测一次。
    .sent = 探测末尾的丢失：不等定时器，重发 { $seq }。
rule-fast-retransmit = 三个重复 ACK 证明后面的报文段到了，唯独这个没到：不必等定时器。
    .sent = 不等定时器，重传从 { $seq } 起缺的那段。
rule-limited-transmit = 头两个重复 ACK，各表明有一个报文段离开了网络，所以可以再放一个新的，好凑够三个重复 ACK。
    .sent = 借重复 ACK 放行的新数据，从 { $seq } 起。
rule-partial-ack-retransmits = 恢复期间，只确认了一部分的 ACK，正好指出下一个缺口。
    .sent = 重传下一个缺的报文段，从 { $seq } 起。
rule-sack-retransmits = SACK 块写明了哪些到了，于是缺哪段就补哪段。
    .sent = 重传从 { $seq } 起的空洞。
rule-recovery-ends = 发现丢包时在途中的数据都确认了，今后以一半的速度继续发送。
rule-slow-start-grows = 慢启动：每来一个 ACK，拥塞窗口就加一个报文段，每个往返翻一倍，直到丢包或到达门限。
rule-karn-skips-sample = Karn 规则：重传之后，说不清 ACK 确认的是哪一次发送，所以不拿它来估算往返时间。

## 定时器

rule-zero-window-probe = 打开窗口的那个 ACK 可能丢了，那样双方就会永远等下去。于是隔一阵发一个字节去问。
    .sent = 窗口探测，一个字节，seq = { $seq }：“有空位了吗？”
rule-keepalive-probe = 沉默太久，对方还在吗？探测段重复一个旧序号（SND.NXT − 1），对方必须回 ACK，而什么都不会改变。
    .sent = 保活探测：seq = { $seq }，比下一个序号小 1。
rule-keepalive-gives-up = 所有探测都没有回答：对方崩溃了，或者网线断了。程序得到 ETIMEDOUT。
    .sent = RST：保活探测全无回答。
rule-user-timeout-expires = 程序自己规定的期限（TCP_USER_TIMEOUT）到了，数据仍未被确认。
    .sent = RST：用户超时到了。
rule-time-wait-expires = 2MSL 过去了，旧报文段都已消失，这对端口可以再用了。
rule-fin-wait-2-expires = 程序已经关闭，对方却始终不发 FIN。Linux 不会一直等（tcp_fin_timeout，60 秒；它管的是 FIN-WAIT-2，不是 TIME-WAIT）。
rule-time-wait-recycled = tcp_tw_reuse：只要时间戳能分清新旧报文段，客户端的新连接就可以占用还在 TIME-WAIT 的端口。

## 整个报文

rule-bad-checksum-dropped = 途中损坏了，里面的任何内容都不可信，连是谁发的都不一定，所以不回答。发送方的定时器会让它重传。
    .arrived = 校验和错误：悄悄丢弃。
rule-bad-address-dropped = TCP 连接的是恰好两台主机，广播或组播地址不能算其中之一。
    .arrived = 源或目的是广播、组播地址：丢弃。
rule-unreachable-soft = ICMP“不可达”可能是伪造的，也可能很快就好；先记着，等超时了才算失败。

## 故意改坏的

rule-two-way-established = 故意改坏（两次握手）：服务器只凭一个 SYN 就认为连接已建立。来一个旧的重复 SYN，它就守着一条谁也不要的连接。
    .sent = SYN,ACK：seq = { $seq }，ack = { $acks }；服务器此刻就当连接已经建立。
    .arrived = 这里只凭一个 SYN 就建立了连接。
rule-no-time-wait = 故意改坏（没有 TIME-WAIT）：这对端口马上可以再用，旧报文段就可能闯进下一条连接。
rule-reset-unchecked = 故意改坏：不管序号对不对，见 RST 就照办，谁都能掐断这条连接。
    .arrived = RST 的 seq = { $seq }，期待的是 { $expected }，仍然照办。

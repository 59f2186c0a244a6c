# 报文的异常之处：defect-KEY，与 wire::Defect 的每个成员一一对应。

defect-cut-off = 抓包只截取了这个报文的一部分，实际在线路上的更长。
defect-bad-ip-checksum = IP 首部校验和错误：首部在途中损坏，或者发送方算错了。
defect-bad-checksum = 校验和错误：接收方会把它直接丢弃，就当从没收到过。
defect-offloaded-checksum = 校验和还没算完：这里只有伪首部的部分和，剩下的交给网卡去算。在发送方主机上抓包时这很正常，不是错误。
defect-bad-ip-length = IP 首部里写的总长度不可能成立：比整个帧还长，或者比首部自身还短。
defect-bad-data-offset = 数据偏移小于 5，或者超出了报文段末尾，无法知道数据从哪里开始。
defect-bad-option-length = 某个选项自称长度为 0 或 1，后面的选项就无从找起了。
defect-option-overrun = 某个选项自称的长度超过了选项区剩下的空间。
defect-wrong-option-size = 某个选项的长度不符合这种选项的规定。
defect-syn-fin = SYN 和 FIN 同时置 1，又要打开又要关闭：正常的 TCP 不会这样发，扫描器才会。
defect-syn-rst = SYN 和 RST 同时置 1，又要打开又要复位：正常的 TCP 不会这样发。
defect-no-flags = 一个标志位都没有置 1：握手之后每个报文段都应该带 ACK。“空扫描”就是这个样子。
defect-reserved-bits = 首部的保留位被置 1 了，它本应为 0。
defect-syn-option-outside-syn = 这个选项只能在 SYN 报文段里协商，却出现在了别的报文段上。
defect-ack-field-without-ack = 没有置 ACK 标志，确认号字段却不为 0；这个数没有意义。
defect-urgent-without-urg = 没有置 URG 标志，紧急指针却不为 0；这个数没有意义。
defect-port-zero = 端口 0 是保留的，不会有程序在上面监听。
defect-fragment = 这是 IP 分片中靠后的一片，TCP 或 UDP 首部在第一片里。
defect-bad-udp-length = UDP 首部里的长度与报文的实际大小对不上。
defect-bad-extension-header = IPv6 扩展首部超出了报文的末尾。
defect-repeated-option = 同一种选项出现了两次。
defect-option-padding-not-zero = “选项结束”标记之后的填充字节不为 0。
defect-first-fragment = 这是 IP 分片的第一片，其余部分在别的报文里，所以这里无法验证校验和。

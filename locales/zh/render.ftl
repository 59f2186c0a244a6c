# 梯形图和其他文本样式里的用语。

render-queue-syn = 半连接队列 { $len }/{ $limit }
render-queue-accept = 全连接队列 { $len }/{ $limit }

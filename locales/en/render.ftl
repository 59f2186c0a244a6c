# The words of the ladder and the other text styles.

render-queue-syn = SYN queue { $len }/{ $limit }
render-queue-accept = accept queue { $len }/{ $limit }

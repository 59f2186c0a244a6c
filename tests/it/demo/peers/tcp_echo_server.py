# The notes' telephone, the end that is called.
import socket

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.bind(('127.0.0.1', 0))
s.listen(5)
print('port', s.getsockname()[1], flush=True)

conn, addr = s.accept()
print('接到来自%s的电话' % addr[0], flush=True)
msg = conn.recv(1024)
print('got', msg, type(msg), flush=True)
conn.send(b'hi')
conn.close()
s.close()

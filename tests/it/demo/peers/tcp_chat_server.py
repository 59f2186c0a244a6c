# The notes' improved telephone, the end that is called, with the line that the notes leave out.
import socket

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.bind(('127.0.0.1', 0))
s.listen(5)
print('port', s.getsockname()[1], flush=True)

while True:
    conn, addr = s.accept()
    print('接到来自%s的电话' % addr[0], flush=True)
    while True:
        msg = conn.recv(1024)
        if len(msg) == 0:
            break
        print('got', msg, flush=True)
        conn.send(msg.upper())
    print('hung up', flush=True)
    conn.close()

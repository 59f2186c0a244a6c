# Messages behind their length: answers each in capitals, and prints its length and digest.
import hashlib
import socket
import struct


def receive(conn, count):
    parts = []
    while count:
        part = conn.recv(min(count, 65536))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b''.join(parts)


s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(5)
print('port', s.getsockname()[1], flush=True)
conn, addr = s.accept()
while True:
    prefix = receive(conn, 4)
    if prefix is None:
        break
    message = receive(conn, *struct.unpack('!I', prefix))
    print('got', len(message), hashlib.sha256(message).hexdigest(), flush=True)
    conn.sendall(prefix + message.upper())
conn.close()

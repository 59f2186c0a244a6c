# Sends messages behind their lengths and checks the answers: arguments PORT, then a mode.
#   big N      one message of N bytes, all of it before anything is read
#   together   three messages in one send
#   drip       one message byte for byte
import socket
import struct
import sys
import time


def frame(message):
    return struct.pack('!I', len(message)) + message


def receive(count):
    parts = []
    while count:
        part = s.recv(min(count, 65536))
        assert part, 'the server hung up'
        parts.append(part)
        count -= len(part)
    return b''.join(parts)


def answer():
    (length,) = struct.unpack('!I', receive(4))
    return receive(length)


s = socket.socket()
s.connect(('127.0.0.1', int(sys.argv[1])))
mode = sys.argv[2]
if mode == 'big':
    message = (b'a stream of bytes, \xe4\xbd\xa0\xe5\xa5\xbd ' * (int(sys.argv[3]) // 24 + 1))[:int(sys.argv[3])]
    s.sendall(frame(message))
    assert answer() == message.upper()
elif mode == 'together':
    messages = [b'one', b'', b'three']
    s.sendall(b''.join(map(frame, messages)))
    assert [answer() for _ in messages] == [b'ONE', b'', b'THREE']
elif mode == 'drip':
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in frame('慢慢说'.encode('utf-8')):
        s.send(bytes([byte]))
        time.sleep(0.02)
    assert answer().decode('utf-8') == '慢慢说'
print('fine', flush=True)
s.close()

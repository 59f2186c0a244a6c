# The notes' telephone, the end that calls.
import socket
import sys

ip_port = ('127.0.0.1', int(sys.argv[1]))
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect_ex(ip_port)
s.send('hello world'.encode('utf-8'))
feedback = s.recv(1024)
print('answer', feedback.decode('utf-8'), flush=True)
s.close()

# The notes' chat client. Its friends are the arguments NAME=PORT.
import socket
import sys

BUFSIZE = 1024
udp_client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
qq_name_dic = {}
for friend in sys.argv[1:]:
    name, port = friend.split('=')
    qq_name_dic[name] = ('127.0.0.1', int(port))

try:
    while True:
        qq_name = input('请选择聊天对象: ').strip()
        while True:
            msg = input('请输入消息,回车发送: ').strip()
            if msg == 'quit':
                break
            if not msg or not qq_name or qq_name not in qq_name_dic:
                continue
            udp_client_socket.sendto(msg.encode('utf-8'), qq_name_dic[qq_name])
            back_msg, addr = udp_client_socket.recvfrom(BUFSIZE)
            print('来自[%s:%s]的一条消息:%s' % (addr[0], addr[1], back_msg.decode('utf-8')), flush=True)
except EOFError:
    udp_client_socket.close()

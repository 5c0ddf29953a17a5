"""The pod's application: GET / tells who asks, GET /bytes/N gives N bytes, PUT answers length and SHA-256 of the body."""

import hashlib
import json
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'  # keeps connections alive
    server_version = 'pod-app'
    sys_version = ''
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == '/':
            text = {'app': 'pod', 'client': self.client_address[0].removeprefix('::ffff:'), 'port': self.client_address[1]}
            self.answer(200, 'application/json', json.dumps(text).encode() + b'\n')
        elif self.path.startswith('/bytes/') and self.path[7:].isdigit():
            count = min(int(self.path[7:]), 1 << 20)
            self.answer(200, 'application/octet-stream', (b'0123456789abcde\n' * (count // 16 + 1))[:count])
        else:
            self.answer(404, 'text/plain', b'no such thing\n')

    def do_PUT(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        text = {'length': len(body), 'sha256': hashlib.sha256(body).hexdigest()}
        self.answer(200, 'application/json', json.dumps(text).encode() + b'\n')

    def log_message(self, *_):
        pass


Server(('::', int(sys.argv[1])), Handler).serve_forever()

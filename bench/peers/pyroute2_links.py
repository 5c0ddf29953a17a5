#!/usr/bin/env python3
"""Links through pyroute2, as Python programs list them. The namespace is the one it is started in."""
from netlink import now, serve


class Bench:
    def __init__(self):
        try:
            from pyroute2 import IPRoute
        except ImportError as e:
            raise OSError(str(e))
        self.route = IPRoute()

    def hello(self):
        return {}

    def list(self):
        start = now()
        links = self.route.get_links()
        return {'ns': now() - start, 'count': len(links)}


serve(Bench)

#!/usr/bin/env python3
"""Links through pyroute2, as Python programs list them. Times are those of the processor, which
others may use too. The namespace is the one it is started in."""
import time

from netlink import serve


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
        start = time.process_time_ns()
        links = self.route.get_links()
        return {'ns': time.process_time_ns() - start, 'count': len(links)}


serve(Bench)

#!/usr/bin/env node
// Here so that there is something to link to before the command is built.
require('../dist/netkit.cjs')

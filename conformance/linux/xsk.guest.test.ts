// Every check and the way of packets, as the tests of that name have them: here on this kernel.
import '../xsk-errors.test.ts'
import '../xsk-lease.test.ts'
import '../xsk-veth.test.ts'

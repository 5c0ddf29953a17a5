// Links through vishvananda/netlink, as Go programs make and list them. One command a line on standard input, one line of
// JSON on standard output. The namespace is the one it is started in.
package main

import (
	"bufio"
	"fmt"
	"os"
	"syscall"

	"github.com/vishvananda/netlink"
)

var (
	handle *netlink.Handle
	made   int
)

// Nanoseconds that this process had a processor: others may use the machine too.
func used() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func tell(nanoseconds int64, count int, err error) {
	if err != nil {
		fmt.Printf("{\"error\":%q}\n", err.Error())
		return
	}
	fmt.Printf("{\"ns\":%d,\"count\":%d}\n", nanoseconds, count)
}

func create(count int, group uint32) {
	start := used()
	for i := 0; i < count; i++ {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = fmt.Sprintf("g%d", made)
		attrs.Group = group
		veth := &netlink.Veth{LinkAttrs: attrs, PeerName: fmt.Sprintf("h%d", made)}
		made++
		if err := handle.LinkAdd(veth); err != nil {
			tell(0, 0, err)
			return
		}
	}
	tell(used()-start, count, nil)
}

func list() {
	start := used()
	links, err := handle.LinkList()
	tell(used()-start, len(links), err)
}

func main() {
	var err error
	if handle, err = netlink.NewHandle(); err != nil {
		tell(0, 0, err)
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var name string
		var a, b int
		fmt.Sscan(lines.Text(), &name, &a, &b)
		switch name {
		case "hello":
			fmt.Println("{}")
		case "create":
			create(a, uint32(b))
		case "list":
			list()
		default:
			tell(0, 0, fmt.Errorf("unknown command"))
		}
	}
}

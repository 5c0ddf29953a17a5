#include "form.h"

extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern char CONFIG_NET __kconfig;
extern enum libbpf_tristate CONFIG_NO_SUCH_THING __kconfig __weak;
extern unsigned long long CONFIG_HZ __kconfig;

SEC("tc") int program(struct __sk_buff *skb)
{
	int seen = LINUX_KERNEL_VERSION >= 0x50f00;

	if (CONFIG_BPF_SYSCALL)
		seen |= 2;
	if (CONFIG_NET == 'y')
		seen |= 4;
	if (CONFIG_NO_SUCH_THING == TRI_NO)
		seen |= 8;
	if (CONFIG_HZ >= 100)
		seen |= 16;
	return seen;
}

#include "bpf.h"

enum libbpf_tristate { TRI_NO, TRI_YES, TRI_MODULE };

extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig;
extern _Bool CONFIG_BPF __kconfig;
extern enum libbpf_tristate CONFIG_VETH __kconfig;
extern char CONFIG_CC_VERSION_TEXT[8] __kconfig __weak;
extern char CONFIG_IPV6 __kconfig;
extern unsigned long long CONFIG_MISSING __kconfig __weak;

SEC("tc") int program(struct __sk_buff *ctx)
{
	if (CONFIG_MISSING || CONFIG_VETH != TRI_MODULE || !CONFIG_BPF || CONFIG_IPV6 != 'y')
		return CONFIG_CC_VERSION_TEXT[1];
	return LINUX_KERNEL_VERSION + CONFIG_HZ;
}

char _license[] SEC("license") = "GPL";

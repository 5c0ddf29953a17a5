/* What the forms of programs in this folder have in common. Each has one entry, `program`, and answers with a number. */
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define hidden_in(name) SEC(name) __attribute__((visibility("hidden"), aligned(8)))

char _license[] SEC("license") = "GPL";

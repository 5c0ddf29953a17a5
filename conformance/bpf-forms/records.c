#include "form.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct event {
	int kind;
	long length;
	char head[20];
};

SEC("tc") int program(struct __sk_buff *skb)
{
	struct event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	struct bpf_dynptr record;
	int failed;

	if (!event)
		return 1;
	event->kind = 1;
	event->length = skb->len;
	if (bpf_skb_load_bytes(skb, 0, event->head, 14)) {
		bpf_ringbuf_discard(event, 0);
		return 2;
	}
	bpf_ringbuf_submit(event, 0);
	failed = bpf_ringbuf_reserve_dynptr(&ring, skb->len, 0, &record);
	if (!failed)
		failed = bpf_dynptr_write(&record, 4, &failed, sizeof(failed), 0);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return failed ? 3 : bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
}

/* The kernel that core.c meets: fields have moved, grown and gone. */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;

struct device {
	__u64 cookie;
	__u16 ports[8];
	struct device *peer;
	union {
		struct {
			__u32 padding;
			__u64 packets;
		};
	};
	__u8 other : 3, flag : 1;
	__u32 before : 9, kind : 6;
	int delta : 9;
	int ifindex;
	__u64 grown;
};
enum verdict { PASS = 0, DROP = 2, REDIRECT = 17 };

int use(struct device *device, enum verdict verdict)
{
	return device->ifindex + verdict;
}

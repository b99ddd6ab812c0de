/* The linked BPF object, inside the binary: one file to install, and never the wrong version beside it. */
#include "embedded_object.h"

#if !__has_embed("../../build/bpf/probes.o")
#error "the kernel programs are not compiled yet: run `make bpf` once"
#endif

const unsigned char culprit_object[] __attribute__((aligned(8))) = {
#embed "../../build/bpf/probes.o"
};

const size_t culprit_object_size = sizeof(culprit_object);

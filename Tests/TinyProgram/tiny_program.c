#include "tiny_program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define LOAD_ADDRESS 0x400000

#if defined(__x86_64__)
#define MACHINE EM_X86_64
static const unsigned char code[] = {
    0x8b, 0x3c, 0x24,             /* mov edi, [rsp]: argc */
    0xb8, 0x3c, 0x00, 0x00, 0x00, /* mov eax, 60: exit */
    0x0f, 0x05,                   /* syscall */
};
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
static const unsigned char code[] = {
    0xe0, 0x03, 0x40, 0xb9, /* ldr w0, [sp]: argc */
    0xa8, 0x0b, 0x80, 0xd2, /* mov x8, #93: exit */
    0x01, 0x00, 0x00, 0xd4, /* svc #0 */
};
#else
#define MACHINE EM_NONE
static const unsigned char code[] = {0};
#endif

struct image {
    Elf64_Ehdr header;
    Elf64_Phdr load;
    unsigned char code[sizeof(code)];
};

static void fill(struct image *image)
{
    memset(image, 0, sizeof(*image));
    memcpy(image->header.e_ident, ELFMAG, SELFMAG);
    image->header.e_ident[EI_CLASS] = ELFCLASS64;
    image->header.e_ident[EI_DATA] = ELFDATA2LSB;
    image->header.e_ident[EI_VERSION] = EV_CURRENT;
    image->header.e_type = ET_EXEC;
    image->header.e_machine = MACHINE;
    image->header.e_version = EV_CURRENT;
    image->header.e_entry = LOAD_ADDRESS + offsetof(struct image, code);
    image->header.e_phoff = offsetof(struct image, load);
    image->header.e_ehsize = sizeof(image->header);
    image->header.e_phentsize = sizeof(image->load);
    image->header.e_phnum = 1;
    image->load.p_type = PT_LOAD;
    image->load.p_flags = PF_R | PF_X;
    image->load.p_vaddr = LOAD_ADDRESS;
    image->load.p_paddr = LOAD_ADDRESS;
    image->load.p_filesz = sizeof(*image);
    image->load.p_memsz = sizeof(*image);
    image->load.p_align = 0x10000;
    memcpy(image->code, code, sizeof(code));
}

int tiny_program_write(const char *path)
{
    struct image image;
    int fd, saved;
    ssize_t written;

    if (MACHINE == EM_NONE) {
        errno = ENOSYS;
        return -1;
    }
    fill(&image);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    if (fd < 0)
        return -1;
    written = write(fd, &image, sizeof(image));
    saved = errno;
    /* An executable that is still open for writing cannot be executed (ETXTBSY). */
    close(fd);
    errno = saved;
    return written == sizeof(image) ? 0 : -1;
}

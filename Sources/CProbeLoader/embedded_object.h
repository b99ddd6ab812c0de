#ifndef CULPRIT_EMBEDDED_OBJECT_H
#define CULPRIT_EMBEDDED_OBJECT_H

#include <stddef.h>

extern const unsigned char culprit_object[];
extern const size_t culprit_object_size;

#endif

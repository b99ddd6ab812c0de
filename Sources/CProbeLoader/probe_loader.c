#include "probe_loader.h"

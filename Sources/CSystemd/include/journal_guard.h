/* Calls of libsystemd on the journal that survive a file that is cut short while it is mapped. */
#ifndef CULPRIT_JOURNAL_GUARD_H
#define CULPRIT_JOURNAL_GUARD_H

/* Until the matching end, what this thread cannot read of a mapped file any more reads as zeros. They may be nested. */
void culprit_journal_guard_begin(void);

/* How many pages that were, since the outermost begin; 0 from an inner end. */
unsigned culprit_journal_guard_end(void);

#endif

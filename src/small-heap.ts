/**
 * Keeps the process small: told to V8 before the libraries are loaded, whose loading would make the young generation
 * grow to 48 MB or more. `docs/performance.md` has the figures.
 */
import { setFlagsFromString } from 'node:v8'

/** What dies young is collected more often, from less. */
setFlagsFromString('--semi-space-growth-factor=1')

/** There is so little to look at that waking other threads for it costs more than it saves. */
setFlagsFromString('--no-parallel-scavenge')

/**
 * How much garbage may pile up among the old, in percent of what was alive the last time. Left to itself V8 waits for
 * several times as much: with many sessions, 200 MB for 60 that are in use.
 */
setFlagsFromString('--heap-growing-percent=30')

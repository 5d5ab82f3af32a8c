/** Lairs to be used again and again, since starting one takes longer than most of what is tried on it. */
import { type Lair, startLair } from './lair.js'

export interface Lairs {
  /** Runs `work` on a lair that nobody else uses meanwhile and that remembers nothing of those before. */
  use(work: (lair: Lair) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export function createLairs(): Lairs {
  const all: Lair[] = []
  const idle: Lair[] = []

  async function take(): Promise<Lair> {
    const lair = idle.pop()
    if (lair) return lair
    const started = await startLair()
    all.push(started)
    return started
  }

  return {
    async use(work) {
      const lair = await take()
      await work(lair) // one on which something went wrong is not used again
      await lair.okta.faults.clear()
      await lair.restart()
      lair.log.length = 0
      idle.push(lair)
    },
    async close() {
      await Promise.all(all.map((lair) => lair.close()))
    },
  }
}

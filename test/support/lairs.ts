/** Lairs that several tests use one after the other, because starting one takes longer than most tests. */
import { type Lair, startLair } from './lair.js'
import type { Visitor } from './visitor.js'

/** Gives a person who is signed in, and whose record the app has just fetched; by default Lion-O. */
type Enter = (login?: string) => Promise<Visitor>

export interface Lairs {
  /** Runs `work` on a lair that no other test uses meanwhile, and whose app remembers nothing of earlier tests. */
  use(work: (lair: Lair, enter: Enter) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export function createLairs(): Lairs {
  const all: Lair[] = []
  const idle: { lair: Lair; enter: Enter }[] = []

  async function take() {
    const ready = idle.pop()
    if (ready) return ready
    const lair = await startLair()
    all.push(lair)
    return { lair, enter: entrance(lair) }
  }

  return {
    async use(work) {
      const { lair, enter } = await take()
      await work(lair, enter) // after an error here, the lair is not used again
      await lair.okta.faults.clear()
      await lair.restart()
      lair.log.length = 0
      idle.push({ lair, enter })
    },
    async close() {
      await Promise.all(all.map((lair) => lair.close()))
    },
  }
}

/** Signs each person in once. After a restart the app accepts the cookie, even if the session had been ended before. */
function entrance(lair: Lair): Enter {
  const sessions = new Map<string, Visitor>()
  return async (login = 'lion-o@thundera.example') => {
    await lair.ready()
    const session = sessions.get(login) ?? (await lair.signedIn(login))
    sessions.set(login, session)
    const visitor = session.copy()
    if ((await visitor.ask('/lair')).status !== 200) throw new Error(`${login} is not let in`)
    return visitor
  }
}

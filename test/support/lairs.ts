/** Lairs to be used again and again, since starting one takes longer than most of what is tried on it. */
import { type Lair, startLair } from './lair.js'
import type { Visitor } from './visitor.js'

/** Somebody who stands in the lair: signed in, with a record that the app has just fetched. */
type Enter = (login?: string) => Promise<Visitor>

export interface Lairs {
  /** Runs `work` on a lair that nobody else uses meanwhile and that remembers nothing of those before. */
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
      await work(lair, enter) // one on which something went wrong is not used again
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

/** One sign-in a person is enough: a restarted app takes the cookie, and has forgotten whether its session was ended. */
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

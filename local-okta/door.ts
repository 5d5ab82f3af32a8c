/** Makes the org's server stop listening, as in an outage, and listen again on the same port. */
import { once } from 'node:events'
import type { Server } from 'node:http'

const GRACE_MS = 50 // the request that switched the outage on gets its answer in this time

export function createDoor(server: Server, port: number) {
  let last = Promise.resolve()
  let forGood = false
  const inTurn = (step: () => Promise<void>) => {
    last = last.then(step, step)
    return last
  }

  const shut = (graceMs = GRACE_MS) =>
    inTurn(async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(cut)
    })

  return {
    shut,
    shutForGood: () => {
      forGood = true
      return shut(0)
    },
    open: () =>
      inTurn(async () => {
        if (server.listening || forGood) return
        server.listen(port, '127.0.0.1')
        await once(server, 'listening')
      }),
  }
}

/** How the server stops: nobody who has asked in time is refused or cut off. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'

/** How long requests in flight have after a close began: a second less than the 10 s after which the process is gone. */
const DRAIN_MS = 9_000

/** A request may be begun, on a new connection or a kept one, just before the listener closes, and arrive just after. */
const ON_ITS_WAY_MS = 500

/**
 * Prepares a server to be closed without cutting anybody off.
 * @param endConnections makes each answer the last on its connection. (To remember the answers in flight would cost a tenth
 * of a page: what is remembered outlives the collector's first round.)
 * @returns stops it: takes connections for `lingerMs` more, lets requests in flight finish, resolves within 10 s
 */
export function drainable(server: Server, endConnections: () => void): (lingerMs: number) => Promise<void> {
  const connections = new Set<Socket>()
  let accepted = 0
  server.on('connection', (socket) => {
    accepted++
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })

  return async function drain(lingerMs) {
    endConnections()
    const closed = once(server, 'close')
    const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    await pause(lingerMs)
    await queueTaken(Math.min(lingerMs, ON_ITS_WAY_MS))
    NetServer.prototype.close.call(server) // http's own close would also cut idle connections, at once
    await Promise.race([closed, pause(Math.min(lingerMs, ON_ITS_WAY_MS))])
    server.close()
    // Opened ahead and never used, as browsers and health checks do: Node does not count these as idle.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
    await closed
    clearTimeout(deadline)
  }

  /** Connections that wait in the kernel's queue would be reset; Node takes one of them a turn. */
  async function queueTaken(atMostMs: number): Promise<void> {
    const until = performance.now() + atMostMs
    for (let known = -1; known < accepted && performance.now() < until; await nextTurn()) known = accepted
  }
}

/** Stops the server. A client that has asked in time is neither refused nor cut off. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'

/** How long requests in flight may take after a stop began: a second less than the 10 s that the process has. */
const DRAIN_MS = 9_000

/** A client may send a request just before the listener closes, and it may arrive just after: so the server waits. */
const ON_ITS_WAY_MS = 500

/**
 * Prepares a server for a stop that cuts nobody off.
 * @param endConnections makes each answer the last on its connection. (A list of the answers in flight would do, too,
 *   but it makes garbage collection slower, by a tenth of a page.)
 * @returns a function that stops the server: it takes connections for `lingerMs` more, lets requests in flight finish,
 *   and resolves within 10 s
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
    NetServer.prototype.close.call(server) // `server.close()` would also cut idle connections, at once
    await Promise.race([closed, pause(Math.min(lingerMs, ON_ITS_WAY_MS))])
    server.close()
    // Browsers and health checks open connections ahead and never use some. Node does not count these as idle.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
    await closed
    clearTimeout(deadline)
  }

  /** Lets Node take the connections in the kernel's queue, which would be reset. Node takes one at a time. */
  async function queueTaken(atMostMs: number): Promise<void> {
    const until = performance.now() + atMostMs
    for (let known = -1; known < accepted && performance.now() < until; await nextTurn()) known = accepted
  }
}

/** A proxy before Redis: the network between, which is slow or falls silent, and the address that moves with the primary. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** @param port where Redis listens */
export async function startRedisProxy(port: number) {
  const network = {
    /** Where Redis listens. Another value counts for new connections. */
    port,
    /** How much later than Redis each answer arrives, in milliseconds. */
    delayMs: 0,
    /** No answer arrives on connections that follow the stream. */
    isSilent: false,
    /** Half of one answer arrives on each connection, and nothing more. */
    stalls: false,
  }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    const redis = connect(network.port, '127.0.0.1')
    const end = (other: Socket) => () => other.destroy()
    socket.on('error', end(redis)).on('close', end(redis)).pipe(redis)
    let follows = false
    let isStuck = false
    socket.on('data', (data) => {
      follows ||= data.includes('BLOCK')
    })
    redis.on('error', end(socket)).on('close', end(socket))
    const pass = (data: Buffer) => {
      if (isStuck || !socket.writable || (follows && network.isSilent)) return
      isStuck = network.stalls
      socket.write(isStuck ? data.subarray(0, data.length / 2) : data)
    }
    redis.on('data', (data) => setTimeout(pass, network.delayMs, data))
    socket.on('close', () => sockets.delete(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as { port: number }
  return {
    url: `redis://127.0.0.1:${address.port}`,
    network,
    /** Ends the connections that there are. */
    disconnect() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

describe('sockets', () => {
  it('[110] that send their headers drop by drop are closed within 15 s, and disturb nobody', async () => {
    const { port } = new URL(lair.url)
    const started = performance.now()
    const sockets = Array.from({ length: 200 }, () => connect(Number(port), '127.0.0.1'))
    const closed = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')))
    for (const socket of sockets) {
      socket.on('error', () => undefined)
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
    }
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('X-Drop: 1\r\n')
    }, 1000)
    const before = performance.now()
    expect((await lair.visitor().ask('/')).status).toBe(200)
    expect(performance.now() - before).toBeLessThan(1000)
    await closed
    clearInterval(drip)
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})

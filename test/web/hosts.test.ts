import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { promisify } from 'node:util'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createLog } from '../../src/log.js'
import { createHttpServer } from '../../src/web/http-server.js'
import { type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

/** Sends bytes and reads the answer until the server closes the connection. */
async function answerTo(raw: string): Promise<{ status: number; headers: Map<string, string> }> {
  const socket = connect(Number(new URL(lair.url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk) => (answer += chunk))
  socket.end(raw)
  await once(socket, 'close')
  const [first = '', ...lines] = answer.split('\r\n\r\n')[0]?.split('\r\n') ?? []
  const headers = lines.map(
    (line) => [line.split(':')[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: /, '')] as const,
  )
  return { status: Number(first.split(' ')[1]), headers: new Map(headers) }
}

describe('[142] a request that the app cannot take', () => {
  it.each([
    ['without a host', 'GET / HTTP/1.1\r\n\r\n'],
    ['with two hosts', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n'],
    ['with the same host twice', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n'],
    ['for a URL that is none', 'GET http://[/lair HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['that is not HTTP', 'nonsense\r\n\r\n'],
    ['with a broken header', 'GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n'],
    ['with two lengths', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['with too many headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s is refused with all our headers', async (_what, raw) => {
    const usual = (await lair.visitor().ask('/')).headers
    const { status, headers } = await answerTo(raw)
    expect([400, 431]).toContain(status)
    for (const name of [
      'content-security-policy',
      'cross-origin-opener-policy',
      'cross-origin-resource-policy',
      'cross-origin-embedder-policy',
      'permissions-policy',
      'referrer-policy',
      'x-content-type-options',
      'x-frame-options',
      'cache-control',
    ])
      expect([name, headers.get(name)]).toEqual([name, usual[name] ?? 'no such header'])
  })

  it('loses its socket, also where the client never closes its half', async () => {
    const { server, serve } = createHttpServer(createLog({ logLevel: 'silent' }))
    serve(express(), [])
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.resume().write('nonsense\r\n\r\n')
    await once(socket, 'end')
    const open = () => promisify(server.getConnections.bind(server))()
    await vi.waitFor(async () => expect(await open()).toBe(0), { timeout: 5000, interval: 50 })
    socket.destroy()
    server.close()
  })

  it('may come without a host from a probe that speaks HTTP/1.0', async () => {
    expect((await answerTo('GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200)
  })
})

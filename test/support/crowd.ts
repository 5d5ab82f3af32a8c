/** Many people, each with a name, an account, an address and a place of their own. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keyFrom, seal } from '../../src/sessions/sealing.js'
import { SITE } from '../../src/site.js'
import type { Lair } from './lair.js'
import { cookieSecret } from './sessions.js'

/** A Users API in which every fourth account is active. Each other one is in a state that nobody else is in. */
export async function startStrangeOrg() {
  const server = createServer((req, res) => {
    const id = req.url?.split('/').at(-1) ?? ''
    const status = Number(id.slice(-5)) % 4 === 0 ? 'ACTIVE' : `STATE_OF_${id}`
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify({ id, status, profile: { firstName: `Somebody ${id}` } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Sends a request for each of `count` people: for the lair, for a place that there is not, or for an asset. */
export async function sendCrowd(lair: Lair, count: number): Promise<void> {
  const key = keyFrom(cookieSecret(lair))
  const agent = new Agent({ keepAlive: true, maxSockets: 10 })
  const ask = async (n: number) => {
    const path = [`/lair?place=${n}`, `/place-${n}/of/${n}`, `/lair?of=${n}`, `/assets/thing-${n}`][n % 4]
    const headers = {
      Host: `host-${n}.example`,
      Cookie: `${SITE.slug}=${sessionOf(n, key)}`,
      Accept: 'text/html',
    }
    const [answer] = await once(get(`${lair.reach}${path}`, { agent, headers }), 'response')
    await once(answer.resume(), 'end')
  }
  let next = 0
  const client = async () => {
    for (let n = next++; n < count; n = next++) await ask(n)
  }
  await Promise.all(Array.from({ length: 10 }, client))
  agent.destroy()
}

function sessionOf(n: number, key: Buffer): string {
  const startedAt = Date.now()
  const iat = Math.floor(startedAt / 1000)
  const person = { subject: `00u${String(n).padStart(17, '0')}`, firstName: `Somebody ${n}` }
  const session = { id: randomBytes(16).toString('base64url'), startedAt, person, idToken: null }
  return seal(session, key, { uat: iat, iat, exp: iat + 3600 })
}

/**
 * The sessions that browsers come with: a few from real sign-ins, and as many as it takes sealed here, with the
 * contestant's own key and in its own format.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { createSession } from '../src/sessions/session.js'
import { SITE } from '../src/site.js'
import { encode } from '../test/support/forge.js'
import { Visitor } from '../test/support/visitor.js'

/** Cookies, name to value. */
export type Jar = Record<string, string>

/** What kind of session cookie a contestant has; `none` has no sessions. */
export type SessionKind = 'none' | 'lair' | 'appSession' | 'connect.sid'

export interface Mint {
  kind: SessionKind
  secret: string
  /** Session n is that of person n modulo `people`, from `firstPerson` on. */
  people: number
  firstPerson?: number
  idTokenBytes?: number
}

interface Crypto {
  encryption(secret: string): Buffer
  encryptSync(payload: string, key: Buffer, header: object): string
}
const { encryption, encryptSync } = createRequire(import.meta.url)(
  'express-openid-connect/lib/crypto',
) as Crypto

/** Goes the whole way through the local Okta. */
export async function signIn(url: string, kind: SessionKind): Promise<Jar> {
  const visitor = new Visitor(url)
  const page = await visitor.signIn('lion-o@thundera.example')
  if (page.status !== 200)
    throw new Error(`Signing in ended with ${page.status} at ${page.url}:\n${page.text}`)
  return Object.fromEntries([...visitor.cookies].filter(([name]) => name.replace(/\.\d$/, '') === kind))
}

/** @returns makes session number n */
export function minter(mint: Mint): (n: number) => Jar {
  const { kind, secret, people, firstPerson = 1, idTokenBytes = 1000 } = mint
  if (kind === 'none') return () => ({})
  if (kind === 'connect.sid') return (n) => ({ [kind]: signed(`bench-${n}`, secret) })
  const key = encryption(secret)
  const signature = randomBytes(256).toString('base64url')
  const packed = createSession(
    { sub: '', given_name: 'Lion-O' },
    idToken('', idTokenBytes, signature),
    undefined,
    0,
  )

  return (n) => {
    const subject = `00u${String(firstPerson + (n % people)).padStart(17, '0')}`
    const now = Math.floor(Date.now() / 1000)
    const session =
      kind === 'lair'
        ? {
            ...packed,
            id: randomBytes(16).toString('base64url'),
            startedAt: Date.now(),
            person: { ...packed.person, subject },
          }
        : {
            id_token: idToken(subject, idTokenBytes, signature),
            access_token: randomBytes(32).toString('base64url'),
            token_type: 'Bearer',
            expires_at: now + 3600,
          }
    return inParts(
      kind === 'lair' ? SITE.slug : kind,
      encryptSync(JSON.stringify(session), key, { iat: now, uat: now, exp: now + 3600 }),
    )
  }
}

/** With the claims of the local Okta, and groups until it has the length; nobody checks the signature again. */
function idToken(subject: string, bytes: number, signature: string): string {
  const claims = {
    sub: subject,
    ver: 1,
    amr: ['pwd'],
    idp: '00o00000000000000001',
    preferred_username: 'lion-o@thundera.example',
    name: 'Lion-O of Thundera',
    given_name: 'Lion-O',
    family_name: 'of Thundera',
    email: 'lion-o@thundera.example',
    email_verified: true,
  }
  const token = (groups: string[]) =>
    `${encode({ alg: 'RS256', kid: 'bench' })}.${encode({ ...claims, groups })}.${signature}`
  const missing = Math.max(0, Math.floor(((bytes - token([]).length) * 3) / 4 / 23))
  return token(Array.from({ length: missing }, () => randomBytes(10).toString('hex')))
}

/** As express-openid-connect does with what would not fit into one cookie. */
function inParts(name: string, value: string): Jar {
  if (value.length <= 3900) return { [name]: value }
  const parts = value.match(/.{1,3900}/g) ?? []
  return Object.fromEntries(parts.map((part, n) => [`${name}.${n}`, part]))
}

/** As express-session does. */
function signed(id: string, secret: string): string {
  const signature = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
  return encodeURIComponent(`s:${id}.${signature}`)
}

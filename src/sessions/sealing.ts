/**
 * Seals a session for a cookie (encrypts it), and opens it: a compact JWE (RFC 7516 section 7.1) with `dir` and
 * A256GCM. Format and key derivation are those of express-openid-connect. The library's own code is not used: it takes
 * six times as long as a whole page, because it uses WebCrypto and encrypts a new cookie for every answer.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { AppConfig } from '../config.js'

/** The parts are: header, empty key, nonce of 96 bits, ciphertext, tag of 128 bits. */
const SEALED = /^([\w-]+)\.\.([\w-]{16})\.([\w-]+)\.([\w-]{22})$/

/** In seconds since the epoch. */
export interface SealTimes {
  /** When the cookie was sealed. */
  uat: number
  /** When the session began. */
  iat: number
  /** When the cookie expires. */
  exp: number
}

/**
 * The secrets for cookies, one for each of `secretKeys`. Issuer, client and base URL go into each secret (HKDF, RFC
 * 5869). So a cookie is valid for this app alone, even if another app has the same SECRET_KEY.
 */
export function cookieSecrets(config: AppConfig): [string, ...string[]] {
  const { secretKeys, oktaIssuer, oktaClientId, baseUrl } = config
  const purpose = `cookies of ${JSON.stringify([oktaIssuer, oktaClientId, baseUrl])}`
  const derive = (secret: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64url')
  const [first, ...others] = secretKeys
  return [derive(first), ...others.map(derive)]
}

/** @param secret one of `cookieSecrets` */
export function keyFrom(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'JWE CEK', 32))
}

/** @param content any value that JSON can hold */
export function seal(content: unknown, key: Buffer, times: SealTimes): string {
  const header = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...times })).toString('base64url')
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(header))
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()])
  const parts = [nonce, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return [header, '', ...parts].join('.')
}

/** @returns `undefined` if the text was sealed with another key, or changed afterwards */
export function unseal(sealed: string, key: Buffer): { times: SealTimes; content: unknown } | undefined {
  const [, header, nonce = '', ciphertext = '', tag = ''] = SEALED.exec(sealed) ?? []
  if (header === undefined) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'))
    decipher.setAAD(Buffer.from(header)).setAuthTag(Buffer.from(tag, 'base64url'))
    const content = decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8')
    const times = JSON.parse(Buffer.from(header, 'base64url').toString()) as SealTimes
    return { times, content: JSON.parse(content) }
  } catch {
    return undefined
  }
}

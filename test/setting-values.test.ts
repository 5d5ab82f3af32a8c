/** The settings of a service app. `config.test.ts` has the other settings. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { parse } from 'dotenv'
import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from '../src/config.js'

const GOOD = {
  OKTA_ORG_URL: 'https://dev-123456.okta.com',
  OKTA_CLIENT_ID: '0oa1client',
  OKTA_CLIENT_SECRET: 'client-secret-value',
  SECRET_KEY: 'a-secret-key-of-at-least-32-characters',
}
const OKTA_API_CLIENT_ID = '0oa1service'

const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' = 'pkcs8') =>
  key.export({ type, format: 'pem' }).toString()
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey
const key = rsa(2048)
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const jwk = key.export({ format: 'jwk' })
const oneLine = (text: string) => text.replaceAll('\n', '\\n')

function messageFor(env: Record<string, string>): string {
  try {
    loadConfig({ ...GOOD, ...env })
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'none'
}

describe('[103] OKTA_AUTH_TOKEN', () => {
  it('is required, unless a service app is given', () => {
    expect(messageFor({})).toMatch(/1 setting.*\n {2}OKTA_AUTH_TOKEN is missing\.\n/)
    const config = loadConfig({ ...GOOD, OKTA_API_CLIENT_ID, OKTA_API_PRIVATE_KEY: pem(key) })
    expect(config).toMatchObject({ oktaApiToken: undefined, oktaApiClientId: OKTA_API_CLIENT_ID })
  })

  it.each([
    ['OKTA_API_CLIENT_ID', 'OKTA_API_PRIVATE_KEY', OKTA_API_CLIENT_ID],
    ['OKTA_API_PRIVATE_KEY', 'OKTA_API_CLIENT_ID', pem(key)],
  ])('does not make up for a half of the service app: %s needs %s', (half, missing, value) => {
    for (const token of ['00token', '']) {
      const message = messageFor({ OKTA_AUTH_TOKEN: token, [half]: value })
      expect(message).toMatch(
        new RegExp(`1 setting.*\n {2}${missing} is missing: ${half} is of no use without it`),
      )
    }
  })
})

describe('[103] [140] OKTA_API_PRIVATE_KEY', () => {
  const rest = { ...GOOD, OKTA_API_CLIENT_ID }
  const read = (OKTA_API_PRIVATE_KEY: string) =>
    loadConfig({ ...rest, OKTA_API_PRIVATE_KEY }).oktaApiPrivateKey

  it.each([
    ['PKCS#8', pem(key)],
    ['PKCS#1', pem(key, 'pkcs1')],
    ['PKCS#8 in one line', oneLine(pem(key))],
    ['PKCS#1 in one line', oneLine(pem(key, 'pkcs1'))],
    ['PEM with Windows line breaks', pem(key).replaceAll('\n', '\r\n')],
    ['PEM without the last line break', pem(key).trim()],
    ['a JWK', JSON.stringify(jwk)],
    ['a JWK in many lines', JSON.stringify(jwk, null, 2)],
  ])('may be %s', (_what, value) => {
    expect(read(value)?.key.equals(key)).toBe(true)
    expect(read(value)?.kid).toBeUndefined()
  })

  it('has the kid of a JWK', () => {
    expect(read(JSON.stringify({ ...jwk, kid: 'the-key', alg: 'RS256', use: 'sig' }))?.kid).toBe('the-key')
  })

  it.each([
    ['a quoted line', `OKTA_API_PRIVATE_KEY="${oneLine(pem(key))}"`],
    ['a line without quotes', `OKTA_API_PRIVATE_KEY=${oneLine(pem(key))}`],
    ['quoted lines', `OKTA_API_PRIVATE_KEY="${pem(key)}"`],
    ['a JWK in single quotes', `OKTA_API_PRIVATE_KEY='${JSON.stringify(jwk)}'`],
    ['a JWK without quotes', `OKTA_API_PRIVATE_KEY=${JSON.stringify(jwk)}`],
  ])('may be in .env as %s', (_what, text) => {
    expect(loadConfig({ ...rest, ...parse(`${text}\nPORT=0\n`) }).oktaApiPrivateKey?.key.equals(key)).toBe(
      true,
    )
  })

  const encrypted = key
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString()
  it.each([
    ['an EC key', /is not an RSA key/, pem(ec)],
    ['an EC key as JWK', /is not an RSA key/, JSON.stringify(ec.export({ format: 'jwk' }))],
    ['a short key', /has fewer than 2048 bits/, pem(rsa(1024))],
    [
      'a public key',
      /is not a private key/,
      createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    ],
    ['a public JWK', /is not a private key/, JSON.stringify({ kty: jwk.kty, n: jwk.n, e: jwk.e })],
    ['a key with a passphrase', /without a passphrase/, encrypted],
    ['half a key', /is not a private key/, pem(key).slice(0, 800)],
    ['a key without its first line', /is not a private key/, pem(key).split('\n').slice(1).join('\n')],
    ['half a JWK', /is not a private key/, JSON.stringify(jwk).slice(0, 800)],
    [
      'a JWK of two keys',
      /parts that do not belong together|is not a private key/, // newer lines of Node refuse it as they read it
      JSON.stringify({ ...jwk, n: rsa(2048).export({ format: 'jwk' }).n }),
    ],
    ['something else', /is not a private key/, 'bad-value'],
    ['a path', /is not a private key/, '/etc/bad-value.pem'],
  ])('is refused if it is %s, and the message has no piece of it', (_what, problem, value) => {
    const message = messageFor({ OKTA_API_CLIENT_ID, OKTA_API_PRIVATE_KEY: value })
    expect(message).toMatch(/1 setting.*\n {2}OKTA_API_PRIVATE_KEY /)
    expect(message).toMatch(problem)
    for (const piece of value.match(/[\w+/=-]{9,}/g) ?? []) expect(message).not.toContain(piece)
  })

  it('is missing if it is the placeholder of .env.example', () => {
    const message = messageFor({ OKTA_API_CLIENT_ID, OKTA_API_PRIVATE_KEY: '{yourPrivateKey}' })
    expect(message).toContain('OKTA_API_PRIVATE_KEY is missing')
  })
})

import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { basicAuthorization } from '../../src/okta/client-authentication.js'

/** What a provider sees that takes the header literally, and what one sees that decodes it. */
function readBy(header: string) {
  const text = Buffer.from(header.replace('Basic ', ''), 'base64').toString()
  const at = text.indexOf(':')
  const decode = (part: string) => decodeURIComponent(part.replaceAll('+', ' '))
  return { literally: text.slice(at + 1), decoded: decode(text.slice(at + 1)), id: decode(text.slice(0, at)) }
}

describe('client authentication with HTTP Basic', () => {
  it('a secret of Okta’s alphabet is the same for providers that decode and for those that do not', () => {
    for (let n = 0; n < 200; n++) {
      const secret = `${randomBytes(40).toString('base64url')}-_`
      const { literally, decoded, id } = readBy(basicAuthorization('0oa1-b_c', secret))
      expect([literally, decoded, id]).toEqual([secret, secret, '0oa1-b_c'])
    }
  })

  it('every printable ASCII character arrives at a provider that decodes', () => {
    const secret = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n)).join('')
    const { decoded, id } = readBy(basicAuthorization(secret, secret))
    expect([decoded, id]).toEqual([secret, secret])
  })
})

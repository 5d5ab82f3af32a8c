import { createHash } from 'node:crypto'
import { describe, it } from 'vitest'
import { secretKeys } from '../src/secret-keys.js'

describe('[62] [127] SECRET_KEY', () => {
  it.each(['base64', 'base64url', 'hex'] as const)('accepts 100,000 random keys in %s', (encoding) => {
    for (let n = 0; n < 100_000; n++) secretKeys(createHash('sha256').update(String(n)).digest(encoding))
  })
})

/**
 * How the app proves to the token endpoint that it is the client: HTTP Basic with form encoding (RFC 6749 section
 * 2.3.1). Form encoding does not change `*-._` (WHATWG URL section 5.2). The library's openid-client encodes these
 * four, too, and some providers do not decode them. For every secret that Okta makes the header is base64(id:secret),
 * as in Okta's guide.
 * @returns the value of the `Authorization` header
 */
export function basicAuthorization(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`
}

/**
 * How the app proves to the token endpoint that it is the client: HTTP Basic, as RFC 6749 section 2.3.1 wants it. Form
 * encoding (WHATWG URL section 5.2) leaves `*-._` alone. openid-client encodes them too, and some providers do not decode.
 * For every secret that Okta makes the header is base64(id:secret), as Okta's guide shows it.
 * @returns the value of the `Authorization` header
 */
export function basicAuthorization(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`
}

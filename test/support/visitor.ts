/** A browser without a screen: it keeps cookies, follows redirects and sends forms. Requests go through supertest. */
import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { setImmediate as nextTurn } from 'node:timers/promises'
import request, { type Response } from 'supertest'

/** Like a browser, a visitor keeps connections, which is twice as fast. It closes them before Node's server does (5 s). */
const KEPT = { keepAlive: true, timeout: 2000 }
const agent = new Agent(KEPT)

const BROWSER_ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

export interface Page {
  url: string
  status: number
  headers: Record<string, string>
  setCookies: string[]
  text: string
  /** The URL to which the answer redirects. */
  location: string | undefined
}

interface RequestOptions {
  method?: 'get' | 'post' | 'head' | 'put' | 'delete' | 'patch' | 'options'
  headers?: Record<string, string>
  form?: Record<string, string>
}

export class Visitor {
  /** Cookies with the path `/`, name to value. The local Okta gets them, too: cookies do not depend on the port. */
  readonly cookies = new Map<string, string>()
  /** Cookies for one path only, such as Okta's for one step of a sign-in. */
  readonly #scoped = new Map<string, Map<string, string>>()
  readonly home: string
  /** Where the app listens; another URL than `home` if the test sets BASE_URL. */
  readonly #reach: () => string
  readonly #certificate: string | undefined
  readonly #agent: Agent

  /**
   * @param reach where the app listens; with several instances, a function that chooses one for each request
   * @param certificate the certificate that the visitor believes, where `home` has https
   */
  constructor(home: string, reach: string | (() => string) = home, certificate?: string) {
    this.home = home
    this.#reach = typeof reach === 'string' ? () => reach : reach
    this.#certificate = certificate
    this.#agent = certificate === undefined ? agent : new SecureAgent({ ...KEPT, ca: certificate })
  }

  /** Another browser with the same cookies; the app answers it at `reach`. */
  copy(reach: string | (() => string) = this.#reach): Visitor {
    const copy = new Visitor(this.home, reach, this.#certificate)
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    for (const [path, jar] of this.#scoped) copy.#scoped.set(path, new Map(jar))
    return copy
  }

  /** Sends one request, and follows no redirect. */
  async ask(target: string, { method = 'get', headers = {}, form }: RequestOptions = {}): Promise<Page> {
    const url = new URL(target, this.home)
    // After two turns of the event loop the agent knows which connections a server has closed.
    for (let turns = 0; turns < 2; turns++) await nextTurn()
    const isHome = url.origin === this.home
    let call = request(isHome ? this.#reach() : url.origin)
      [method](url.pathname + url.search)
      .redirects(0)
      .ok(() => true)
      .buffer(true)
      .agent(isHome ? this.#agent : agent)
      .set('Accept', BROWSER_ACCEPT)
    const cookies = this.#cookieHeader(url.pathname)
    if (cookies) call = call.set('Cookie', cookies)
    for (const [name, value] of Object.entries(headers)) call = call.set(name, value)
    const response = await (form ? call.type('form').send(form) : call)
    return this.#take(url.href, response)
  }

  /** Sends one request, and follows every redirect. */
  async go(target: string, options?: RequestOptions): Promise<Page> {
    let page = await this.ask(target, options)
    for (let hops = 0; page.location !== undefined; hops++) {
      if (hops > 12) throw new Error(`Too many redirects, at last to ${page.location}`)
      page = await this.ask(page.location)
    }
    return page
  }

  /** Goes to `path`, picks `login` on Okta's sign-in page, and follows every redirect. */
  async signIn(login: string, path = '/lair'): Promise<Page> {
    const signInPage = await this.go(path)
    return this.pick(signInPage, login)
  }

  async pick(signInPage: Page, login: string): Promise<Page> {
    if (!signInPage.text.includes('name="person"')) throw new Error(`No sign-in page at ${signInPage.url}`)
    return this.go(signInPage.url, { method: 'post', form: { person: login } })
  }

  /** Signs in at Okta, but does not go to the app's callback. @returns the address of the callback */
  async untilCallback(login: string, path = '/lair'): Promise<URL> {
    const signInPage = await this.go(path)
    let page = await this.ask(signInPage.url, { method: 'post', form: { person: login } })
    while (!page.location?.startsWith(`${this.home}/callback`)) page = await this.ask(page.location ?? '')
    return new URL(page.location)
  }

  #cookieHeader(path: string): string {
    const cookies = [...this.cookies, ...(this.#scoped.get(path) ?? [])]
    return cookies.map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #take(url: string, response: Response): Page {
    const headers = response.headers as Record<string, string>
    const setCookies = (response.get('Set-Cookie') ?? []) as string[]
    for (const cookie of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      const path = /; path=([^;]*)/i.exec(cookie)?.[1] ?? '/'
      const jar = path === '/' ? this.cookies : (this.#scoped.get(path) ?? new Map<string, string>())
      if (path !== '/') this.#scoped.set(path, jar)
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name)
      else jar.set(name, value)
    }
    const location = response.status >= 300 && response.status < 400 && headers.location
    return {
      url,
      status: response.status,
      headers,
      setCookies,
      text: response.text ?? '',
      location: location ? new URL(location, url).href : undefined,
    }
  }
}

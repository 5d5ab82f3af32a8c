/**
 * A process of its own: browsers that ask for one page after the other over connections that stay open. It reads just
 * enough of HTTP/1.1 to cost little: whole answers with a Content-Length, one at a time.
 */
import { connect, type Socket } from 'node:net'
import { answerQuestions } from './processes.js'
import { type Jar, type Mint, minter } from './sessions.js'
import { quantile } from './tables.js'

export interface Load {
  /** Connection n goes to port n, in turn. */
  ports: number[]
  connections: number
  /**
   * Ends after so many pages or so many seconds, whichever comes first. With seconds alone the clock starts when each
   * connection has had a first page, which is not counted.
   */
  pages?: number
  seconds?: number
  /** Jars take turns and keep what the server renews. Minted sessions are used once each. */
  sessions: Jar[] | Mint
}

export interface Outcome {
  pages: number
  seconds: number
  p99Ms: number
  /** Bytes of an answer, averaged. */
  headBytes: number
  bodyBytes: number
  setCookieShare: number
  /** With the first ones that are not counted. */
  answers: number
  /** Answers other than 200, by status. The pages include them. */
  failures: Record<string, number>
}

async function run(load: Load): Promise<Outcome> {
  const next = cookies(load.sessions)
  const latencies: number[] = []
  const failures: Outcome['failures'] = {}
  let [asked, answers, headBytes, bodyBytes, setCookies] = [0, 0, 0, 0, 0]
  const browsers = Array.from({ length: load.connections }, (_, n) => {
    const port = load.ports[n % load.ports.length] ?? 0
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    return { port, socket, ask: asker(socket) }
  })

  async function page({ port, ask }: (typeof browsers)[number]): Promise<void> {
    const { header, jar } = next()
    const sentAt = performance.now()
    const { head, bytes } = await ask(request(port, header))
    latencies.push(performance.now() - sentAt)
    answers++
    const status = head.slice(9, 12)
    if (status !== '200') failures[status] = (failures[status] ?? 0) + 1
    headBytes += head.length + 4
    bodyBytes += bytes
    if (/\r\nset-cookie:/i.test(head)) setCookies++
    if (jar) keep(jar, head)
  }

  if (load.pages === undefined) {
    await Promise.all(browsers.map(page))
    latencies.length = headBytes = bodyBytes = setCookies = 0
  }
  const startedAt = performance.now()
  const deadline = startedAt + (load.seconds ?? Number.POSITIVE_INFINITY) * 1000
  await Promise.all(
    browsers.map(async (browser) => {
      while (asked < (load.pages ?? Number.POSITIVE_INFINITY) && performance.now() < deadline) {
        asked++
        await page(browser)
      }
      browser.socket.destroy()
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const pages = latencies.length
  latencies.sort((a, b) => a - b)
  return {
    pages,
    seconds,
    p99Ms: quantile(latencies, 0.99),
    headBytes: headBytes / pages,
    bodyBytes: bodyBytes / pages,
    setCookieShare: setCookies / pages,
    answers,
    failures,
  }
}

function cookies(sessions: Load['sessions']): () => { header: string; jar?: Jar } {
  let turn = 0
  if (!Array.isArray(sessions)) {
    const mint = minter(sessions)
    return () => ({ header: cookieHeader(mint(turn++)) })
  }
  return () => {
    const jar = sessions[turn++ % sessions.length] ?? {}
    return { header: cookieHeader(jar), jar }
  }
}

function cookieHeader(jar: Jar): string {
  return Object.entries(jar)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
}

function keep(jar: Jar, head: string): void {
  for (const [, name = '', value = ''] of head.matchAll(/\r\nset-cookie: ([^=]+)=([^;\r]*)/gi)) {
    if (value === '') delete jar[name]
    else jar[name] = value
  }
}

function request(port: number, cookie: string): string {
  return [
    'GET /lair HTTP/1.1',
    `Host: localhost:${port}`,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language: en-US,en;q=0.5',
    'Accept-Encoding: gzip, deflate, br',
    'Sec-Fetch-Dest: document',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Site: none',
    ...(cookie ? [`Cookie: ${cookie}`] : []),
    '\r\n',
  ].join('\r\n')
}

/** @returns asks and resolves with the head of the answer and the length of its body */
function asker(socket: Socket): (request: string) => Promise<{ head: string; bytes: number }> {
  let received = Buffer.alloc(0)
  let waiting:
    | { resolve(answer: { head: string; bytes: number }): void; reject(error: Error): void }
    | undefined
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const end = received.indexOf('\r\n\r\n')
    if (end === -1) return
    const head = received.toString('latin1', 0, end)
    const bytes = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
    if (Number.isNaN(bytes)) return fail(new Error(`No Content-Length: ${head}`))
    if (received.length < end + 4 + bytes) return
    received = Buffer.alloc(0)
    waiting?.resolve({ head, bytes })
  })
  const fail = (error: Error) => void waiting?.reject(error)
  socket.on('error', fail).on('close', () => fail(new Error('The connection was closed')))
  return (text) =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      socket.write(text)
    })
}

answerQuestions<Load>(run)

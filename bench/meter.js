/** Preloaded into every contestant (`--import`): tells whoever forked it what the process has used, by its own accounting. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

process.on('message', (question) => {
  if (question?.usage === undefined) return
  if (question.usage === 'after garbage') collectGarbage()
  const { user, system } = process.cpuUsage() // of all threads: garbage collection and WebCrypto's too
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send({ answer: { cpuMicros: user + system, rssBytes: rss, heapBytes: heapUsed + external } })
})
process.once('disconnect', () => process.exit(0)) // whoever started it is gone

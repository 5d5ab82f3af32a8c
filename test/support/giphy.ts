/** Tests do not reach giphy.com. A page of ours stands in for the GIF. */
import type { BrowserContext } from 'playwright-core'

const STILL = `<!doctype html><title>Stand-in for the GIF</title>
<body style="margin:0;display:grid;place-items:center;height:100vh;background:#2b1c24;color:#f2a71b;font:20px Georgia,serif">
The GIF plays here</body>`

export async function standInForGiphy(context: BrowserContext): Promise<void> {
  await context.route('https://giphy.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: STILL }),
  )
}

/** Switches faults over HTTP, by JSON and by the forms of the faults page. loopback-only.ts refuses other sites. */
import express, { type ErrorRequestHandler, type Request, type Response, Router } from 'express'
import { noStore } from './answer-headers.js'
import type { Faults } from './faults.js'
import { faultsPage } from './faults-page.js'
import { errorPage } from './pages.js'
import type { LocalPerson } from './people.js'

export interface FaultsApiParts {
  faults: Faults
  people: LocalPerson[]
  keyId(): string
  /** Restarts the app, if whoever has started this org can. Resolves when the app answers again. */
  restartApp: (() => Promise<void>) | undefined
}

export function faultsApi({ faults, people, keyId, restartApp }: FaultsApiParts): Router {
  const state = () => ({ faults: faults.list, active: faults.active(), asked: faults.asked })
  const router = Router()

  router.use(noStore)

  router.get('/', (req, res) => {
    if (req.accepts(['html', 'json']) === 'json') return void res.json(state())
    const { done, fault } = req.query
    const told = typeof done === 'string' && {
      done: { what: done, fault: typeof fault === 'string' ? fault : undefined },
    }
    res.send(faultsPage({ faults, people, keyId: keyId(), canForget: restartApp !== undefined, ...told }))
  })

  router.post('/', express.json(), express.urlencoded({ extended: false }), async (req, res) => {
    const { fault, person, switch: position } = (req.body ?? {}) as Record<string, unknown>
    if (position !== 'on' && position !== 'off') throw new RangeError('"switch" must be "on" or "off".')
    const work = fault ? faults[position](text(fault), person ? text(person) : undefined) : undefined
    if (!work && position === 'on') throw new RangeError('"fault" must name what to switch on.')
    const goesDown = fault === 'org-down' && position === 'on'
    if (!goesDown) await (work ?? faults.clear()) // an outage begins only after this answer
    if (req.is('json')) return void res.json(state())
    if (!goesDown) return res.redirect(303, `/faults?${doneQuery(position, fault)}`)
    const detail = 'Nothing listens here for 20 seconds. Then this page goes back to the faults by itself.'
    res.set('Refresh', '21; url=/faults').send(errorPage('The org is down', detail))
  })

  router.post('/forget', async (req, res) => {
    if (!restartApp) return refuse(req, res, 404, 'Only npm run dev can restart the app from here.')
    try {
      await restartApp()
      res.redirect(303, `/faults?${doneQuery('forgotten')}`)
    } catch {
      refuse(req, res, 503, 'The app has not started again. The terminal says why.')
    }
  })

  const onError: ErrorRequestHandler = (error, req, res, next) => {
    if (error instanceof RangeError) return refuse(req, res, 400, error.message)
    if (error.status < 500) return refuse(req, res, 400, 'The body is neither JSON nor a form.')
    next(error)
  }
  router.use(onError)
  return router
}

function doneQuery(done: string, fault?: unknown): string {
  return new URLSearchParams({ done, ...(typeof fault === 'string' && fault !== '' && { fault }) }).toString()
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new RangeError('"fault" and "person" must be one text each.')
  return value
}

function refuse(req: Request, res: Response, status: number, sentence: string): void {
  if (req.is('json') || req.accepts(['html', 'json']) === 'json') {
    res.status(status).json({ error: sentence })
  } else res.status(status).send(errorPage('This cannot be switched', sentence))
}

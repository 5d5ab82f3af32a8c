/** /api/v1/authorizationServers/{id}/policies: the access policies of the server `default`, and their rules. */
import { type Request, Router } from 'express'
import { notFound } from './api-error.js'
import { bodyOf } from './apps.js'
import { newId } from './ids.js'
import type { Org } from './org.js'
import type { Policy, Rule } from './policy.js'
import { policyIn, ruleIn } from './policy-rules.js'

type Named = Record<'id' | 'policyId', string>
type Changed = Record<'change', string>

export function policies(org: Org): Router {
  const router = Router()
  const clientIds = () => org.apps.map(({ clientId }) => clientId)
  const others = <T extends { id: string }>(items: T[], id?: string) => items.filter((item) => item.id !== id)
  const times = () => ({ created: org.now(), lastUpdated: org.now() })

  router
    .route('/')
    .get((_req, res) => void res.json(byPriority(org.policies).map(policyRecord)))
    .post((req, res) => {
      const body = policyIn(bodyOf(req), org.policies, clientIds())
      const policy: Policy = { id: newId('00p'), ...times(), rules: [], ...body }
      org.policies.push(policy)
      res.status(201).json(policyRecord(policy))
    })

  router
    .route('/:policyId')
    .get((req: Request<Named>, res) => void res.json(policyRecord(policyOf(req))))
    .put((req: Request<Named>, res) => {
      const policy = policyOf(req)
      const body = policyIn(bodyOf(req), others(org.policies, policy.id), clientIds())
      res.json(policyRecord(Object.assign(policy, body, { lastUpdated: org.now() })))
    })
    .delete((req: Request<Named>, res) => {
      org.policies.splice(org.policies.indexOf(policyOf(req)), 1)
      res.status(204).end()
    })

  router.post('/:policyId/lifecycle/:change', (req: Request<Named & Changed>, res, next) => {
    if (change(policyOf(req), req)) res.status(204).end()
    else next()
  })

  router.post('/:policyId/rules/:id/lifecycle/:change', (req: Request<Named & Changed>, res, next) => {
    if (change(both(req)[1], req)) res.status(204).end()
    else next()
  })

  router
    .route('/:policyId/rules')
    .get((req: Request<Named>, res) => {
      const policy = policyOf(req)
      res.json(byPriority(policy.rules).map((rule) => ruleRecord(policy, rule)))
    })
    .post((req: Request<Named>, res) => {
      const policy = policyOf(req)
      const rule: Rule = { id: newId('0pr'), ...times(), ...ruleIn(bodyOf(req), policy.rules) }
      policy.rules.push(rule)
      res.status(201).json(ruleRecord(policy, rule))
    })

  router
    .route('/:policyId/rules/:id')
    .get((req: Request<Named>, res) => void res.json(ruleRecord(...both(req))))
    .put((req: Request<Named>, res) => {
      const [policy, rule] = both(req)
      const body = ruleIn(bodyOf(req), others(policy.rules, rule.id))
      res.json(ruleRecord(policy, Object.assign(rule, body, { lastUpdated: org.now() })))
    })
    .delete((req: Request<Named>, res) => {
      const [policy, rule] = both(req)
      policy.rules.splice(policy.rules.indexOf(rule), 1)
      res.status(204).end()
    })

  function change(item: Policy | Rule, { params }: Request<Changed>): boolean {
    const status = { activate: 'ACTIVE', deactivate: 'INACTIVE' }[params.change]
    if (status) Object.assign(item, { status, lastUpdated: org.now() })
    return status !== undefined
  }

  function policyOf({ params: { policyId } }: Request<Named>): Policy {
    const policy = org.policies.find(({ id }) => id === policyId)
    if (!policy) throw notFound(policyId, 'Policy')
    return policy
  }

  function both(req: Request<Named>): [Policy, Rule] {
    const policy = policyOf(req)
    const rule = policy.rules.find(({ id }) => id === req.params.id)
    if (!rule) throw notFound(req.params.id, 'PolicyRule')
    return [policy, rule]
  }

  const links = (path: string, isActive: boolean) => {
    const href = `${org.url}/api/v1/authorizationServers/default/policies/${path}`
    const change = isActive ? 'deactivate' : 'activate'
    return {
      self: { href, hints: { allow: ['GET', 'PUT', 'DELETE'] } },
      [change]: { href: `${href}/lifecycle/${change}`, hints: { allow: ['POST'] } },
    }
  }

  function policyRecord({ clients, rules: _rules, ...policy }: Policy) {
    const own = links(policy.id, policy.status === 'ACTIVE')
    return {
      type: 'OAUTH_AUTHORIZATION_POLICY',
      ...policy,
      system: false,
      conditions: { clients: { include: clients } },
      _links: { ...own, rules: { href: `${own.self?.href}/rules`, hints: { allow: ['GET'] } } },
    }
  }

  function ruleRecord(policy: Policy, { people, grantTypes, scopes, token, ...rule }: Rule) {
    return {
      type: 'RESOURCE_ACCESS',
      ...rule,
      system: false,
      conditions: { people, grantTypes: { include: grantTypes }, scopes: { include: scopes } },
      actions: { token },
      _links: links(`${policy.id}/rules/${rule.id}`, rule.status === 'ACTIVE'),
    }
  }
  return router
}

function byPriority<T extends { priority: number }>(items: T[]): T[] {
  return items.toSorted((a, b) => a.priority - b.priority)
}

/** The titles in a test file, read from its source: those of `describe` and `it`, and the rows of `it.each('%s ...')`. */
import { readFileSync } from 'node:fs'
import { parseAst } from 'vitest/node'

interface Node {
  type: string
  [part: string]: unknown
}

export function titlesIn(file: string): string[] {
  const nodes = [...walk(parseAst(readFileSync(file, 'utf8'), { lang: 'ts' }))]
  const variables = new Map(
    nodes
      .filter(({ type }) => type === 'VariableDeclarator')
      .map(({ id, init }) => [(id as Node).name, init]),
  )
  return nodes.flatMap((node) => {
    const { callee, arguments: given } = node as { callee?: Node; arguments?: Node[] }
    const title = callee && ['describe', 'it'].includes(rootOf(callee)) ? textOf(given?.[0]) : undefined
    if (title === undefined) return []
    if (!title.startsWith('%s')) return [title]
    const [table] = (callee?.arguments ?? []) as Node[]
    const rows = elementsOf(table?.type === 'Identifier' ? variables.get(table.name) : table)
    return rows.flatMap((row) => textOf(elementsOf(row)[0] ?? row) ?? [])
  })
}

function* walk(part: unknown): Generator<Node> {
  if (typeof part !== 'object' || part === null) return
  if ('type' in part) yield part as Node
  for (const inner of Object.values(part)) yield* walk(inner)
}

/** The first name of a callee: `it` for `it.concurrent.each(rows)`. */
function rootOf({ name, object, callee }: Node): string {
  return typeof name === 'string' ? name : rootOf((object ?? callee ?? { name: '' }) as Node)
}

function elementsOf(node: unknown): Node[] {
  const { type, elements, expression } = (node ?? {}) as Node
  return type === 'TSAsExpression' ? elementsOf(expression) : ((elements ?? []) as Node[])
}

function textOf(node: Node | undefined): string | undefined {
  return typeof node?.value === 'string' ? node.value : undefined
}

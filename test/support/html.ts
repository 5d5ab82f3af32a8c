/** Reads a page with an HTML parser, as a browser does, so that tests see what the markup means. */
import { type DefaultTreeAdapterMap, parse } from 'parse5'

export type Element = DefaultTreeAdapterMap['element']
type Node = DefaultTreeAdapterMap['node']

/** Every element of the page in document order. */
export function elements(html: string): Element[] {
  return walk(parse(html)).filter((node): node is Element => 'tagName' in node)
}

function walk(node: Node): Node[] {
  return [node, ...('childNodes' in node ? node.childNodes.flatMap(walk) : [])]
}

export function textOf(element: Element): string {
  return walk(element)
    .map((node) => (node.nodeName === '#text' && 'value' in node ? node.value : ''))
    .join('')
    .trim()
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((candidate) => candidate.name === name)?.value
}

/** What the page says about how the last session ended; `undefined` if it says nothing. */
export function noticeOf({ text }: { text: string }): string | undefined {
  const notice = elements(text).find((element) => attribute(element, 'id') === 'notice')
  return notice && textOf(notice)
}

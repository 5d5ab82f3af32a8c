/**
 * Does a piece of work again and again, never twice at once. What asks for it meanwhile gets one more turn together.
 * @param work gets the reasons for this turn; `hasMore` says whether there are others by now
 * @returns asks for a turn, for reasons or for none; resolves when no turn is left
 */
export function inTurn(work: (reasons: string[], hasMore: () => boolean) => Promise<void>) {
  const waiting = new Set<string>()
  let working: Promise<void> | undefined

  async function workOff(): Promise<void> {
    try {
      do {
        const reasons = [...waiting]
        waiting.clear()
        await work(reasons, () => waiting.size > 0)
      } while (waiting.size > 0)
    } finally {
      working = undefined
    }
  }

  return function ask(...reasons: string[]): Promise<void> {
    for (const reason of reasons) waiting.add(reason)
    working ??= workOff()
    return working
  }
}

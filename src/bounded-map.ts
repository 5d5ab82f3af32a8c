import { LRUCache } from 'lru-cache'

/**
 * A map that forgets what was not used for longest, once it has more than `maxEntries`. Each entry counts as size 1:
 * with the option `max`, the library would take the memory for all entries at the start (1.6 MB and 7 ms for this app).
 */
export function createBoundedMap<K extends {}, V extends {}>(maxEntries: number): LRUCache<K, V> {
  return new LRUCache({ maxSize: maxEntries, sizeCalculation: () => 1 })
}

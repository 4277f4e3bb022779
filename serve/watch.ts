/**
 * Tells when a file was saved. It looks instead of subscribing: editors replace files, and on mounted folders
 * no notice of a change arrives. One `stat` per tick costs nothing that could be measured.
 */
import { stat } from 'node:fs/promises'

const TICK_MS = 100 // Two ticks to see a finished save, and a second is what `npm start` promises.

/** What changes with every save of the file; empty where there is none. */
export async function fileMark(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found === null ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`
}

/**
 * Calls back after each save since the one with this mark, once it has settled for one tick; returns what
 * ends the watch.
 */
export function watchFile(path: string, since: string, onSave: () => Promise<void>): () => void {
  let ended = false
  const watch = async () => {
    let reported = since
    let before = ''
    while (!ended) {
      const now = await fileMark(path)
      // Between removing the old file and writing the new one there is none: no save yet.
      if (now !== '' && now !== reported && now === before) {
        reported = now
        await onSave()
      }
      before = now
      await new Promise<void>((resolve) => setTimeout(resolve, TICK_MS).unref())
    }
  }
  void watch()
  return () => {
    ended = true
  }
}

/** The native part, or a word about why tests without it are skipped. */
import { loadNative, type Native } from '../../../src/runtime/native.ts'

export function foundNative(): Native | undefined {
  try {
    return loadNative(process.env)
  } catch (error) {
    console.warn(`tests of the image store are skipped: ${(error as Error).message}`)
    return undefined
  }
}

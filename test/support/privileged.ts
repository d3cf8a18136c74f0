/** Why tests that need root and the native part can't run here; undefined when they can. */
import { loadNative } from '../../src/runtime/native.ts'

export function whyNotPrivileged(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root'
  try {
    loadNative(process.env)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

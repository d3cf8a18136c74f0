/** Reasons that many steps share. */
import type { Because } from './plan.ts'

export const NOT_FOUND: Because = { reason: 'not found', isEvident: true }
export const CREATED: Because = { reason: 'created', isEvident: true }
export const RECREATED: Because = { reason: 'recreated', isEvident: true }
export const AWAITED: Because = { reason: 'others depend on it', isEvident: true }
export const ORPHANED: Because = { reason: 'it belongs to no service of the project' }
export const INTERRUPTED: Because = { reason: 'it was left behind by an interrupted change' }

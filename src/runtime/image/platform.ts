/** Platforms in the words of image configurations. Pure. */
import { DriverError } from '../../driver/driver.ts'
import type { Platform } from './document.ts'

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', arm64: 'arm64', arm: 'arm' }

/** This machine's, from Node's word for its architecture. */
export function hostPlatform(nodeArchitecture: string): Platform {
  return { os: 'linux', architecture: ARCHITECTURES[nodeArchitecture] ?? nodeArchitecture }
}

/** `linux/arm64/v8`. */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...more] = text.toLowerCase().split('/')
  if (!os || !architecture || more.length > 0) {
    throw new DriverError('refused', `"${text}" is not a platform`, { hint: 'write it as linux/amd64' })
  }
  return { os, architecture, ...(variant ? { variant } : {}) }
}

export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/')
}

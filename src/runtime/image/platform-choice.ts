/** Which of an index's images suits a platform best. Pure. */
import type { Descriptor, Platform } from './document.ts'

export interface Wanted {
  readonly platform: Platform
  /** The user asked for this platform: an image for another one is not what was meant. */
  readonly isStrict: boolean
}

/** The best first; `undefined` when none suits. What names no platform suits every one, but no better than any that does. */
export function choosePlatform(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const order = suitable(wanted).map(keyOf)
  const ranked = manifests
    .map((one) => ({ one, rank: one.platform === undefined ? order.length : order.indexOf(keyOf(one.platform)) }))
    .filter(({ rank }) => rank !== -1)
    .sort((a, b) => a.rank - b.rank)
  return ranked[0]?.one
}

export function suits(found: Platform, wanted: Platform): boolean {
  return suitable(wanted).some((one) => keyOf(one) === keyOf(found))
}

/** What a processor runs besides its own: lower variants, and the 32-bit architecture it grew out of. */
function suitable(wanted: Platform): readonly Platform[] {
  const { os, architecture, variant } = normal(wanted)
  const own = (variants: readonly string[], of = architecture): Platform[] =>
    variants.map((one) => ({ os, architecture: of, variant: one }))
  switch (architecture) {
    case 'amd64':
      return [...own(downFrom(variant, AMD64)), { os, architecture: '386' }]
    case 'arm64':
      return [...own(downFrom(variant, ARM64)), ...own(ARM, 'arm')]
    case 'arm':
      return own(downFrom(variant, ARM))
    default:
      return [{ os, architecture, ...(variant === undefined ? {} : { variant }) }]
  }
}

const AMD64 = ['v4', 'v3', 'v2', 'v1']
const ARM64 = ['v9', 'v8']
const ARM = ['v8', 'v7', 'v6', 'v5']

/** A variant that we don't know is only itself. */
function downFrom(variant: string | undefined, all: readonly string[]): readonly string[] {
  const at = all.indexOf(variant ?? '')
  return at === -1 ? [variant ?? ''] : all.slice(at)
}

/** What is meant where no variant is named. */
const USUAL: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8', arm: 'v7' }
const ALIASES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  armhf: 'arm',
}

function normal({ os, architecture, variant }: Platform): Platform {
  const known = ALIASES[architecture] ?? architecture
  const named = variant || USUAL[known]
  return {
    os,
    architecture: known,
    ...(named === undefined ? {} : { variant: named.startsWith('v') ? named : `v${named}` }),
  }
}

function keyOf(platform: Platform): string {
  const { os, architecture, variant = '' } = normal(platform)
  return `${os}/${architecture}/${variant}`
}

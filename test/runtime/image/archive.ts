/** Archives of images for the tests, made with the writer that `image save` uses. */
import { createHash } from 'node:crypto'
import { type TarFile, writeTar } from '../../../src/runtime/image/tar-writer.ts'

export function text(name: string, content: string): TarFile {
  return { name, kind: 'text', text: content }
}

export function json(name: string, value: unknown): TarFile {
  return text(name, JSON.stringify(value))
}

export async function tarOf(files: readonly TarFile[]): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of writeTar(files, AbortSignal.timeout(10_000))) parts.push(part)
  return Buffer.concat(parts)
}

export function sha256(data: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}

import { Readable } from 'node:stream'
import { BaseCommand } from '../../base-command.ts'
import { stringFlag } from '../../cli/flags.ts'
import { parseCopy } from '../../cli/image-place.ts'
import { monotonicMs, openProgress } from '../../cli/progress.ts'
import { DriverError } from '../../driver/driver.ts'
import { openDaemonImages } from '../../driver/open.ts'
import { findImage, requireImage } from '../../runtime/image/find.ts'
import { loadStream } from '../../runtime/image/load-stream.ts'
import { openImages, wantedPlatform } from '../../runtime/image/open.ts'
import { platformText } from '../../runtime/image/platform.ts'
import { familiarName, parseReference } from '../../runtime/image/reference.ts'
import { saveArchive, sizeOfArchive } from '../../runtime/image/save.ts'
import { tagImage } from '../../runtime/image/tag.ts'

/** Tells how many bytes are through, and of how many. */
type OnBytes = (currentBytes: number, totalBytes: number) => void

export default class ImageCopy extends BaseCommand {
  static override summary = "Copy an image between a Docker daemon's store and our own"
  static override usage = 'image copy [OPTIONS] docker://IMAGE native://[IMAGE] | native://IMAGE docker://[IMAGE]'
  static override operandCount = { least: 2, most: 2 }
  static override flags = {
    platform: stringFlag({ description: 'Copy the image for this platform, such as linux/arm64' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageCopy)
    const { from, to } = parseCopy(this.operands as [string, string])
    requireTag(to.reference)
    const copy = { source: from.reference, target: to.reference, platform: flags.platform, context: flags.context }
    if (flags['dry-run']) return this.answer(`copy ${from.store}://${copy.source} to ${to.store}://${copy.target}\n`)
    const id = await this.#showing(copy.target, (onBytes) =>
      from.store === 'docker' ? this.#fromDaemon(copy, onBytes) : this.#toDaemon(copy, onBytes),
    )
    this.answer(`${id}\n`)
  }

  async #fromDaemon({ source, target, platform, context }: Copy, onBytes: OnBytes): Promise<string> {
    const { signal } = this
    const daemon = await openDaemonImages(process.env, context)
    const found = await daemon.find(source, signal)
    if (found === undefined) throw missing(source)
    const { store } = openImages(process.env, process.getuid?.() ?? 0)
    const archive = await daemon.save(found.imageId, platform, signal)
    const bytes = counted(archive, (current) => onBytes(current, found.sizeBytes))
    const wanted = { platform: wantedPlatform(platform ?? found.platform), isStrict: platform !== undefined }
    const [loaded] = await loadStream(store, { bytes, wanted }, signal)
    if (loaded === undefined) throw missing(source)
    await tagImage(store, loaded.imageId, target, signal)
    return loaded.imageId
  }

  async #toDaemon({ source, target, platform, context }: Copy, onBytes: OnBytes): Promise<string> {
    const { signal } = this
    const { store } = openImages(process.env, process.getuid?.() ?? 0)
    const { imageId } = platform === undefined ? requireImage(store, source) : requireFor(platform)
    const daemon = await openDaemonImages(process.env, context)
    const total = sizeOfArchive(store, [imageId])
    const bytes = counted(saveArchive(store, [imageId], { signal }), (current) => onBytes(current, total))
    const loaded = await daemon.load(Readable.from(bytes, { objectMode: false }), signal)
    const { registry, repository, tag } = parseReference(target)
    await daemon.tag(loaded, { repository: `${registry}/${repository}`, tag: tag ?? 'latest' }, signal)
    return imageId

    function requireFor(wanted: string) {
      const image = findImage(store, source)
      const has = image && platformText(image.document)
      if (image !== undefined && has === platformText(wantedPlatform(wanted))) return image
      throw new DriverError('image-not-found', `image "${source}" is ${has ?? 'not'} here, not for ${wanted}`)
    }
  }

  async #showing(target: string, work: (onBytes: OnBytes) => Promise<string>): Promise<string> {
    const resource = `Image ${familiarName(parseReference(target))}`
    const view = await openProgress([resource], 'may-draw', {
      output: this.output,
      paintFor: (stream) => this.paintFor(stream),
      progress: this.progress,
    })
    const begin = monotonicMs()
    const tell = (status: 'working' | 'done' | 'error', text: string, more = {}): void =>
      view.on({ resource, status, text, elapsedMs: monotonicMs() - begin, ...more })
    try {
      tell('working', 'Copying')
      const id = await work((currentBytes, totalBytes) => {
        tell('working', 'Copying', { currentBytes, totalBytes: Math.max(currentBytes, totalBytes) })
      })
      tell('done', 'Copied')
      return id
    } catch (error) {
      tell('error', 'Error', { detail: (error as Error).message })
      throw error
    } finally {
      await view.close()
    }
  }
}

interface Copy {
  readonly source: string
  readonly target: string
  readonly platform: string | undefined
  readonly context: string | undefined
}

/** What is wrong with a name is found before any work. */
function requireTag(reference: string): void {
  if (parseReference(reference).digest === undefined) return
  throw new DriverError('refused', `"${reference}" can't be given to an image: a digest is no tag`, {
    hint: 'name the copy, as in "native://NAME:TAG"',
  })
}

function missing(reference: string): DriverError {
  return new DriverError('image-not-found', `the Docker daemon has no image "${reference}"`, {
    hint: 'see "docker image ls"',
  })
}

/** A display needs no more than ten a second. */
const PAUSE_MS = 100

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let total = 0
  let told = monotonicMs()
  for await (const part of bytes) {
    total += part.length
    if (monotonicMs() - told >= PAUSE_MS) {
      told = monotonicMs()
      onBytes(total)
    }
    yield part
  }
  onBytes(total)
}

import { BaseCommand } from '../../base-command.ts'
import { listFlag, stringFlag } from '../../cli/flags.ts'
import { importRootfs } from '../../runtime/image/import.ts'
import { openImages, wantedPlatform } from '../../runtime/image/open.ts'

export default class ImageImport extends BaseCommand {
  static override summary = 'Import the contents from a tarball to create a filesystem image'
  static override usage = 'image import [OPTIONS] FILE|- [REPOSITORY[:TAG]]'
  static override operandCount = { least: 1, most: 2 }
  static override flags = {
    change: listFlag({ char: 'c', description: 'Apply Dockerfile instruction to the created image' }),
    message: stringFlag({ char: 'm', description: 'Set commit message for imported image' }),
    platform: stringFlag({ description: 'Set platform if server is multi-platform capable' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageImport)
    const [file, reference] = this.operands as [string, string?]
    const { store } = openImages(process.env, process.getuid?.() ?? 0)
    const options = {
      source: file === '-' ? { descriptor: 0 } : { path: file },
      ...(reference ? { reference } : {}),
      changes: flags.change,
      message: flags.message ?? `Imported from ${file}`,
      platform: wantedPlatform(flags.platform),
      now: new Date(),
    }
    this.answer(`${await importRootfs(store, options, this.signal)}\n`)
  }
}

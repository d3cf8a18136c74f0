/** Shares and limits of disks, with the kernel's numbers for their names. Looks at the host's /dev, changes nothing. */
import { statSync } from 'node:fs'
import { type BlockIoSpec, type DeviceRate, DriverError } from '../../../driver/driver.ts'
import type { DeviceNumbers, OciBlockIo } from '../monitor-spec.ts'
import { numbersOf } from './devices.ts'

const WEIGHT = { least: 10, most: 1000 }

export function blockIoOf(spec: BlockIoSpec): OciBlockIo {
  const weights = [...spec.deviceWeights.map(({ weight }) => weight), ...(spec.weight ? [spec.weight] : [])]
  weights.forEach(refuseWeight)
  return {
    ...(spec.weight ? { weight: spec.weight } : {}),
    weightDevice: spec.deviceWeights.map(({ path, weight }) => ({ ...diskNumbers(path), weight })),
    throttleReadBpsDevice: spec.readBps.map(rateOf),
    throttleWriteBpsDevice: spec.writeBps.map(rateOf),
    throttleReadIOPSDevice: spec.readIops.map(rateOf),
    throttleWriteIOPSDevice: spec.writeIops.map(rateOf),
  }
}

function refuseWeight(weight: number): void {
  if (weight >= WEIGHT.least && weight <= WEIGHT.most) return
  throw new DriverError('refused', `a weight of block devices ("blkio_config") can't be ${weight}`, {
    hint: `use a number from ${WEIGHT.least} to ${WEIGHT.most}`,
  })
}

function rateOf({ path, rate }: DeviceRate): DeviceNumbers & { readonly rate: number } {
  return { ...diskNumbers(path), rate }
}

function diskNumbers(path: string): DeviceNumbers {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isBlockDevice()) return numbersOf(stats)
  const problem = stats ? 'is not a block device' : 'does not exist on this machine'
  throw new DriverError('refused', `device "${path}" of "blkio_config" ${problem}`)
}

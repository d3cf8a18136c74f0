/** The driver that the planner is tested with keeps the same promises as the real ones. */
import { createFakeDriver } from '../support/fake-driver.ts'
import { describeDriverContract } from './contract.ts'

describeDriverContract('fake', async () => {
  const driver = createFakeDriver({ images: ['busybox'] })
  return { driver, image: 'busybox', snapshot: async () => driver.everything(), close: async () => undefined }
})

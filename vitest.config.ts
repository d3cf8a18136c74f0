import { defineConfig } from 'vitest/config'

/** Tests that touch the kernel run one after the other, and in processes of their own. */
const privileged = ['test/driver/**', 'test/e2e/**', 'test/runtime/**']

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'pure', include: ['test/**/*.test.ts'], exclude: privileged } },
      {
        test: {
          name: 'privileged',
          include: privileged.map((folder) => `${folder}/*.test.ts`),
          globalSetup: ['test/e2e/support/global-setup.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})

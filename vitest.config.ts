import { defineConfig } from 'vitest/config'

/** Tests that touch the kernel run one after the other, and in processes of their own. */
const privileged = ['test/driver/**', 'test/e2e/**', 'test/runtime/**', 'test/scenarios/**']
/** Tests that run the program as it is built. */
const program = ['test/program/**']
const build = 'test/support/build-cli.ts'

export default defineConfig({
  test: {
    // What is printed must not depend on who runs the tests.
    env: { GITHUB_ACTIONS: '' },
    projects: [
      // Properties take their time on a busy machine; the limit only ends what hangs.
      {
        test: {
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: [...privileged, ...program],
          setupFiles: ['test/support/seed.ts'],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'program', include: ['test/program/**/*.test.ts'], globalSetup: [build], testTimeout: 60_000 } },
      {
        test: {
          name: 'privileged',
          include: privileged.map((folder) => `${folder}/*.test.ts`),
          globalSetup: [build, 'test/e2e/support/global-setup.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})

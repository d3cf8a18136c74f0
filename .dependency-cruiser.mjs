// The rooms of the house and the doors between them. A new door is an ADR, not an edit.
const room = (name, mayUse, why) => ({
  name: `${name}-doors`,
  comment: why,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: [`^src/${name}/`, '^src/(diagnostic|digests)[.]ts$', ...mayUse] },
})

export default {
  forbidden: [
    room(
      'commands',
      [
        '^src/base-command[.]ts$',
        '^src/cli/',
        '^src/view/',
        '^src/model/',
        '^src/planner/',
        '^src/driver/',
        '^src/runtime/image/',
      ],
      'A command wires rooms together; the kernel is two doors away. (image/ verbs speak to the image store itself: ADR 0004.)',
    ),
    room(
      'view',
      [
        '^src/planner/plan[.]ts$',
        '^src/planner/progress[.]ts$',
        '^src/model/project[.]ts$',
        '^src/model/explain/explained[.]ts$',
        '^src/driver/driver[.]ts$',
      ],
      'A view reads plain data and returns text.',
    ),
    room(
      'planner',
      ['^src/model/(project|units|hash)[.]ts$', '^src/driver/driver[.]ts$'],
      'The planner knows the model and the shape of a driver, never one driver.',
    ),
    room('driver', ['^src/runtime/'], 'A driver takes specs; it has never heard of services or plans.'),
    room(
      'runtime',
      ['^src/driver/driver[.]ts$', '^native/'],
      'The runtime speaks kernel and OCI, not Compose. It may use the plain records of driver.ts.',
    ),
    room('model', [], 'The model is plain data about files the user wrote.'),
    {
      name: 'api-doors',
      severity: 'error',
      comment: 'The library loads projects; what changes anything stays behind the command line (ADR 0010).',
      from: { path: '^src/api[.]ts$' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/diagnostic[.]ts$',
          '^src/model/',
          '^src/view/(diagnostics|paint)[.]ts$',
          '^src/cli/file-reader[.]ts$',
        ],
      },
    },
    {
      name: 'api-is-for-others',
      severity: 'error',
      comment: 'The library is the way in from outside; inside, each room is imported for what it is.',
      from: { path: '^src/' },
      to: { path: '^src/api[.]ts$' },
    },
    { name: 'leaves', severity: 'error', from: { path: '^src/(diagnostic|digests)[.]ts$' }, to: { path: '^src/' } },
    {
      name: 'driver-interface-is-a-leaf',
      severity: 'error',
      from: { path: '^src/driver/(driver|labels|observed|specs)[.]ts$' },
      to: { path: '^src/', pathNot: '^src/driver/(labels|observed|specs)[.]ts$' },
    },
    {
      name: 'driver-interface-has-one-door',
      severity: 'error',
      comment: 'driver.ts passes on the records of the files beside it.',
      from: { pathNot: '^src/driver/(driver|observed|specs)[.]ts$' },
      to: { path: '^src/driver/(labels|observed|specs)[.]ts$' },
    },
    {
      name: 'pure-rooms-do-no-io',
      severity: 'error',
      comment: 'model, planner and view are tested with strings.',
      from: { path: '^src/(model|planner|view)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|path|util)(/|$)' },
    },
    {
      name: 'native-has-one-door',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/runtime/native[.]ts$' },
      to: { path: '(^native/|[.]node$)' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '^src/commands/',
          '[.]d[.]ts$',
          '[.]test[.]ts$',
          '^src/diagnostic[.]ts$',
          '^src/cli/slim-oclif[.]ts$',
        ],
      },
      to: {},
    },
    { name: 'not-to-test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
}

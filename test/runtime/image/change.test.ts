import { expect, test } from 'vitest'
import type { ImageConfig } from '../../../src/runtime/container/spec/image.ts'
import { applyChange } from '../../../src/runtime/image/change.ts'

function check(lines: readonly string[], config: ImageConfig): void {
  expect(lines.reduce<ImageConfig>(applyChange, {})).toEqual(config)
}

test('commands are lists, or lines for the shell', () => {
  check(['CMD ["a", "b c"]', 'entrypoint run it'], { Cmd: ['a', 'b c'], Entrypoint: ['/bin/sh', '-c', 'run it'] })
  check(['CMD ["broken'], { Cmd: ['/bin/sh', '-c', '["broken'] })
})

test('environment is written in both forms, with quotes and variables', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is Dockerfile's own syntax.
  check(['ENV A=1 B="x y" C=p\\ q', 'ENV D the rest of it', 'ENV A=2 E="$B/${D}" F=\'$B\''], {
    Env: ['A=2', 'B=x y', 'C=p q', 'D=the rest of it', 'E=x y/the rest of it', 'F=$B'],
  })
})

test('ports get their protocol, and ranges are every port of them', () => {
  check(['EXPOSE 80 53/udp', 'EXPOSE 8000-8002'], {
    ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8000/tcp': {}, '8001/tcp': {}, '8002/tcp': {} },
  })
})

test('a relative working directory is one below the last', () => {
  check(['WORKDIR /srv', 'WORKDIR app/../web'], { WorkingDir: '/srv/web' })
})

test('labels, volumes, user and stop signal are kept', () => {
  check(['LABEL a=1 "b c"="d e"', 'VOLUME ["/x y"]', 'VOLUME /a /b', 'USER 33:33', 'STOPSIGNAL SIGWINCH'], {
    Labels: { a: '1', 'b c': 'd e' },
    Volumes: { '/x y': {}, '/a': {}, '/b': {} },
    User: '33:33',
    StopSignal: 'SIGWINCH',
  })
})

test('health checks have their times in nanoseconds', () => {
  check(['HEALTHCHECK --interval=1m30s --timeout=500ms --retries=2 CMD curl -f localhost'], {
    Healthcheck: { Test: ['CMD-SHELL', 'curl -f localhost'], Interval: 90e9, Timeout: 500e6, Retries: 2 },
  })
  check(['HEALTHCHECK CMD ["true"]'], { Healthcheck: { Test: ['CMD', 'true'] } })
  check(['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } })
})

test.each([
  ['RUN make', '"RUN" is not an instruction that --change takes'],
  ['ONBUILD RUN make', '"ONBUILD" is not an instruction that --change takes'],
  ['CMD', 'it needs an argument'],
  ['ENV A', '"A" is not of the form KEY=VALUE'],
  ['EXPOSE 70000', '"70000" is not a port'],
  ['EXPOSE 90-80', '"90-80" is not a port'],
  ['USER a b', 'it takes one argument'],
  ['HEALTHCHECK curl', 'it must be followed by CMD or NONE'],
  ['HEALTHCHECK --often=1s CMD x', 'it has no option "--often"'],
  ['HEALTHCHECK --interval=often CMD x', '"often" is not a duration'],
])('%s is refused', (line, why) => {
  expect(() => applyChange({}, line)).toThrow(why)
})

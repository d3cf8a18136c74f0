// Images by digest, as far as a project is concerned: where they are named, and what is left for an override file.
import { expect, test } from 'vitest'
import { imagePlaces, lockOf, lockOfModel, servicesWithHookImages, withPins } from '../../src/model/pin.ts'
import { renderJson, renderModelYaml, renderYaml } from '../../src/model/render.ts'
import { loadText } from '../support/load-text.ts'

const project = loadText(`
services:
  web:
    image: web:1
    command: [run]
    pre_start:
      - { image: "init:1", command: [init] }
    volumes:
      - { type: image, source: "data:1", target: /data }
      - { type: image, source: db, target: /db }
      - { type: image, source: hidden, target: /hidden }
      - ./here:/here
  db:
    image: db:1
    build: .
  built:
    build: .
  hidden:
    image: hidden:1
    profiles: [none]
x-more: 1
`)

test('images are named by services, their hooks and their volumes; a volume may also be the image of a service', () => {
  expect(imagePlaces(project)).toEqual([
    { image: 'web:1', path: ['services', 'web', 'image'] },
    { image: 'init:1', path: ['services', 'web', 'pre_start', 0, 'image'] },
    { image: 'data:1', path: ['services', 'web', 'volumes', 0, 'source'] },
    { image: 'db:1', path: ['services', 'db', 'image'] },
  ])
  expect(imagePlaces(project).map(({ path }) => project.locate(path)?.line)).toEqual([4, 7, 9, 14])
})

const pins = new Map(['web:1', 'init:1', 'data:1', 'db:1', 'hidden:1'].map((image) => [image, `${image}@sha256:…`]))

test('a pinned project has other images and is the same otherwise', () => {
  const pinned = withPins(project, pins)
  expect(imagePlaces(pinned).map(({ image }) => image)).toEqual([
    'web:1@sha256:…',
    'init:1@sha256:…',
    'data:1@sha256:…',
    'db:1@sha256:…',
  ])
  expect(renderYaml(pinned).replaceAll('@sha256:…', '')).toBe(renderYaml(project))
  expect(imagePlaces(project)[0]?.image).toBe('web:1')
})

test('an override file holds the images and nothing else', () => {
  const lock = lockOf(withPins(project, pins))
  expect(renderYaml(lock)).toBe(`services:
  built: {}
  db:
    image: db:1@sha256:…
  web:
    image: web:1@sha256:…
    volumes:
      - type: image
        source: data:1@sha256:…
        target: /data
      - type: image
        source: db
        target: /db
      - type: image
        source: hidden
        target: /hidden
`)
  expect(JSON.parse(renderJson(lock))).toMatchObject({ name: '', services: { built: { command: null } } })
  expect(servicesWithHookImages(project)).toEqual(['web'])
})

test('in a model that was not interpolated a value may be anything', () => {
  const model = {
    name: 'app',
    services: {
      web: { image: 'web:1', volumes: ['a:/b', { type: 'image', source: 7 }, null], pre_start: '$HOOKS', x: 1 },
      number: { image: 7 },
      nothing: null,
      text: '$SERVICE',
      ['__proto__']: { image: 'db:1' },
    },
  }
  expect(imagePlaces(model).map(({ image }) => image)).toEqual(['web:1', 'db:1'])
})

test('an override file of a model keeps what can be kept, and is empty where there are no services', () => {
  const volumes = [{ type: 'image', source: 'data:1', target: '/d' }, { type: 'volume' }]
  const services = { web: { image: 'web:1', ports: [80], volumes }, built: { build: '.' } }
  expect(renderModelYaml(lockOfModel(withPins({ services }, pins)))).toBe(`services:
  built: {}
  web:
    image: web:1@sha256:…
    volumes:
      - source: data:1@sha256:…
        target: /d
        type: image
`)
  expect(lockOfModel(withPins({}, pins))).toEqual({})
})

test('a service may have any name', () => {
  const odd = loadText('services: { __proto__: { image: "db:1" }, constructor: { image: "web:1" } }')
  expect(renderYaml(lockOf(withPins(odd, pins)))).toBe(`services:
  __proto__:
    image: db:1@sha256:…
  constructor:
    image: web:1@sha256:…
`)
})

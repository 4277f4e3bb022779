import { expect, test } from 'vitest'
import { idlePorts } from '../../test/exchange.ts'
import { makeMemories } from '../platform/memories.ts'
import { type AnswerPorts, type Asked, askOnce } from './remote-answers.ts'

function makePorts(kept = new Map<string, string>()) {
  let now = 1_000_000
  const ports: AnswerPorts = {
    ...idlePorts,
    network: { send: () => Promise.reject(), sendTo: () => Promise.reject() },
    clock: { now: () => now },
    memories: makeMemories(),
    responses: {
      get: async (key) => kept.get(key) ?? null,
      put: async (key, text) => {
        kept.set(key, text)
      },
    },
    defer: () => {},
  }
  return { ports, kept, pass: (ms: number) => (now += ms) }
}

function asker(answers: readonly Asked<string>[]) {
  let asked = 0
  return {
    count: () => asked,
    question: (parts: readonly unknown[]) => ({
      name: 'test:answers',
      parts,
      timeoutMs: 1_000,
      ask: async () => answers[Math.min(asked++, answers.length - 1)]!,
    }),
  }
}

const yes: Asked<string> = { kind: 'answered', value: 'yes', keepMs: 10_000 }

test('an answer is kept for its time, and asked again at its end', async () => {
  const { ports, pass } = makePorts()
  const { question, count } = asker([yes])
  for (const ms of [0, 9_999, 0]) {
    pass(ms)
    expect(await askOnce(ports, question(['a']))).toMatchObject({ value: 'yes' })
  }
  expect(count()).toBe(1)
  pass(1)
  await askOnce(ports, question(['a']))
  expect(count()).toBe(2)
})

test('another question has another answer', async () => {
  const { ports } = makePorts()
  const { question, count } = asker([yes])
  await askOnce(ports, question(['a', 'b']))
  await askOnce(ports, question(['a,b']))
  expect(count()).toBe(2)
})

test('another isolate of the location takes the answer, and not beyond its time', async () => {
  const first = makePorts()
  const { question, count } = asker([yes])
  await askOnce(first.ports, question(['a']))
  const second = makePorts(first.kept)
  second.pass(9_999)
  await askOnce(second.ports, question(['a']))
  expect(count()).toBe(1)
  second.pass(1)
  await askOnce(second.ports, question(['a']))
  expect(count()).toBe(2)
})

test('what is kept names nothing that was asked', async () => {
  const { ports, kept } = makePorts()
  await askOnce(ports, asker([yes]).question(['the-token']))
  expect([...kept.keys()].join()).not.toContain('the-token')
})

test('requests that ask the same at once make one call', async () => {
  const { ports } = makePorts()
  const { question, count } = asker([yes])
  // Each is past its own look into memory before the first answer is there.
  const answer = Promise.withResolvers<void>()
  const slow = { ...question(['a']), ask: () => answer.promise.then(question(['a']).ask) }
  const all = [1, 2, 3].map(() => askOnce(ports, slow))
  await new Promise((resolve) => setImmediate(resolve))
  answer.resolve()
  await Promise.all(all)
  expect(count()).toBe(1)
})

test('a failure is kept by nobody', async () => {
  const { ports, kept } = makePorts()
  const { question } = asker([{ kind: 'failed', reason: 'source-late' }, yes])
  expect(await askOnce(ports, question(['a']))).toMatchObject({ kind: 'failed' })
  expect(await askOnce(ports, question(['a']))).toMatchObject({ kind: 'answered' })
  expect(kept.size).toBe(1)
})

test('what is broken at this location is asked again', async () => {
  const { ports, kept } = makePorts()
  await askOnce(ports, asker([yes]).question(['a']))
  const second = makePorts(new Map([...kept.keys()].map((key) => [key, '{'])))
  expect(await askOnce(second.ports, asker([yes]).question(['a']))).toMatchObject({ value: 'yes' })
})

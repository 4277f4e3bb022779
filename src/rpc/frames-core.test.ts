import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Frame, type FrameProblem, frame, makeFrameReader } from './frames-core.ts'

function readAll(chunks: readonly Uint8Array[], maxBytes = 1_000) {
  const reader = makeFrameReader('grpc-web', maxBytes)
  const frames: Frame[] = []
  let problem: FrameProblem | null = null
  for (const chunk of chunks) {
    if (problem !== null) break
    const read = reader.push(chunk)
    frames.push(...read.frames)
    problem = read.problem
  }
  return { frames: frames.map(({ isLast, bytes }) => [isLast, [...bytes]]), problem, reader }
}

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length))
}

test('frames come out whole wherever the stream is cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 })
  fc.assert(
    fc.property(messages, fc.array(fc.nat(300), { maxLength: 20 }), (contents, places) => {
      const end = Uint8Array.from([1, 2])
      const bytes = Uint8Array.from(
        [...contents.map((one) => frame(one)), frame(end, 0x80)].flatMap((one) => [...one]),
      )
      const { frames, problem, reader } = readAll(cut(bytes, places))
      expect(problem).toBeNull()
      expect(reader.isWhole).toBe(true)
      expect(frames).toEqual([...contents.map((one) => [false, [...one]]), [true, [1, 2]]])
    }),
  )
})

test('bytes of an attacker give frames or a problem, the same wherever they are cut, and none above the cap', () => {
  const places = fc.array(fc.nat(300), { maxLength: 20 })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), places, (bytes, at) => {
      const whole = readAll([bytes], 50)
      const pieces = readAll(cut(bytes, at), 50)
      expect([pieces.frames, pieces.problem]).toEqual([whole.frames, whole.problem])
      for (const [, content] of whole.frames)
        expect((content as number[]).length).toBeLessThanOrEqual(50)
    }),
  )
})

test.each([
  [[0, 0, 0, 4, 0], 'frame-too-large'],
  [[255, 255, 255, 255, 255], 'frame-flags'],
  [[1, 0, 0, 0, 0], 'frame-compressed'],
  [[0x80, 0, 0, 0, 0, 7], 'frame-after-end'],
] as const)('%j is %s', (bytes, problem) => {
  expect(readAll([Uint8Array.from(bytes)])).toMatchObject({ problem })
})

test('a stream that ends within a frame, or without its last one, is not whole', () => {
  expect(readAll([frame(Uint8Array.from([1]))]).reader.isWhole).toBe(false)
  expect(readAll([frame(Uint8Array.from([1]), 0x80).subarray(0, 5)]).reader.isWhole).toBe(false)
})

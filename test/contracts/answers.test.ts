import { describe } from 'vitest'
import { MemoryAnswerStore } from '../../src/platform/memory/answers.ts'
import { MemoryClock } from '../../src/platform/memory/clock.ts'
import { MemoryFills } from '../../src/platform/memory/fills.ts'
import { answersContract } from './answers.ts'
import { fillsContract } from './fills.ts'

describe('answers in memory', () => {
  const clock = new MemoryClock(0)
  answersContract(() => new MemoryAnswerStore({ clock, timers: clock }))
})

describe('fills in memory', () => {
  fillsContract(() => {
    const clock = new MemoryClock(0)
    return { fills: new MemoryFills({ timers: clock }), until: (work) => clock.until(work) }
  })
})

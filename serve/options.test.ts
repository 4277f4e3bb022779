import { expect, test } from 'vitest'
import { parseCommandLine } from './options.ts'

test('no arguments run the demo on port 8787 of this machine alone', () => {
  expect(parseCommandLine([])).toEqual({
    kind: 'run',
    routes: null,
    host: '127.0.0.1',
    port: 8787,
    demo: true,
    vars: {},
    state: null,
    log: 'pretty',
  })
})

test('--var is taken as often as it is given, and a value may hold anything', () => {
  const parsed = parseCommandLine(['--var', 'A=b=c\nd', '--var=EMPTY='])
  expect(parsed).toMatchObject({ kind: 'run', vars: { A: 'b=c\nd', EMPTY: '' } })
})

test.each([
  [['--prot', '1'], '--prot'],
  [['--port', '65536'], '--port'],
  [['--port', 'http'], '--port'],
  [['--port'], '--port'],
  [['--log', 'loud'], '--log'],
  [['--var', 'NAME'], '--var'],
  [['--var', '1A=b'], '--var'],
  [['--var', 'KV=x'], 'KV'],
  [['--var', 'ISOGATE_HOST=x'], 'ISOGATE_HOST'],
  [['routes.json'], 'routes.json'],
])('%j is refused in one line that names %s', (argv, named) => {
  const parsed = parseCommandLine(argv)
  expect(parsed.kind).toBe('refused')
  const { line } = parsed as { line: string }
  expect(line).toContain(named)
  expect(line).not.toContain('\n')
})

test('the refusal of a variable shows no value', () => {
  const parsed = parseCommandLine(['--var', '1A=s3cret'])
  expect(JSON.stringify(parsed)).not.toContain('s3cret')
})

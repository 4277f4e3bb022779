/** The graph of calls: who waits for whom. Pure; nodes are indexes. */

/** For each node those that it waits for. */
export type Graph = readonly (readonly number[])[]

/**
 * The cycles of a graph, one for each knot of nodes that all wait for each other, its members in the order of waiting:
 * each waits for the next, the last for the first.
 */
export function cyclesOf(graph: Graph): readonly (readonly number[])[] {
  return knotsOf(graph).flatMap((knot) => {
    const [first] = knot
    if (first === undefined) return []
    return knot.length === 1 && !graph[first]?.includes(first) ? [] : [shortestCycle(first, graph)]
  })
}

/** The nodes in an order in which each stands behind those that it waits for; of a graph without cycles. */
export function orderOf(graph: Graph): readonly number[] {
  const left = graph.map((before) => before.length)
  const after = turned(graph)
  const order = left.flatMap((count, node) => (count === 0 ? [node] : []))
  // Grows by each node once.
  for (const node of order) {
    for (const next of after[node] ?? []) {
      left[next] = (left[next] ?? 0) - 1
      if (left[next] === 0) order.push(next)
    }
  }
  return order
}

/** The graph with its edges turned: for each node those that wait for it, in the order of the table. */
export function turned(graph: Graph): readonly (readonly number[])[] {
  const after: number[][] = graph.map(() => [])
  for (const [node, before] of graph.entries()) for (const other of before) after[other]?.push(node)
  return after
}

/** For each node the nodes on the longest chain from it to the end, itself included. */
export function ranksOf(graph: Graph): readonly number[] {
  const after = turned(graph)
  const ranks = graph.map(() => 1)
  for (const node of orderOf(graph).toReversed()) {
    for (const next of after[node] ?? []) {
      ranks[node] = Math.max(ranks[node] ?? 1, (ranks[next] ?? 1) + 1)
    }
  }
  return ranks
}

/** For each node all that are over before it, in the order of the table. */
export function beforeOf(graph: Graph): readonly (readonly number[])[] {
  const all: Set<number>[] = graph.map(() => new Set())
  for (const node of orderOf(graph)) {
    for (const other of graph[node] ?? []) {
      all[node]?.add(other)
      for (const further of all[other] ?? []) all[node]?.add(further)
    }
  }
  return all.map((set) => [...set].sort((a, b) => a - b))
}

/** Strongly connected components (Tarjan), without recursion: a chain may be as long as the table. */
function knotsOf(graph: Graph): readonly (readonly number[])[] {
  const found: number[] = graph.map(() => -1)
  const low: number[] = graph.map(() => -1)
  const isOpen: boolean[] = graph.map(() => false)
  const open: number[] = []
  const knots: number[][] = []
  let count = 0
  for (const root of graph.keys()) {
    if (found[root] !== -1) continue
    const way: { readonly node: number; edge: number }[] = [{ node: root, edge: 0 }]
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const { node } = step
      if (step.edge === 0) {
        found[node] = low[node] = count++
        open.push(node)
        isOpen[node] = true
      }
      const next = graph[node]?.[step.edge++]
      if (next !== undefined) {
        if (found[next] === -1) way.push({ node: next, edge: 0 })
        else if (isOpen[next]) low[node] = Math.min(low[node]!, found[next]!)
        continue
      }
      way.pop()
      const parent = way.at(-1)
      if (parent !== undefined) low[parent.node] = Math.min(low[parent.node]!, low[node]!)
      if (low[node] !== found[node]) continue
      const knot = open.splice(open.lastIndexOf(node))
      for (const member of knot) isOpen[member] = false
      knots.push(knot.sort((a, b) => a - b))
    }
  }
  return knots.sort((a, b) => a[0]! - b[0]!)
}

/** The shortest way from a node that waits for itself back to it. */
function shortestCycle(start: number, graph: Graph): readonly number[] {
  const cameFrom = new Map<number, number>()
  const queue = [start]
  // Grows by each node once.
  for (const node of queue) {
    for (const next of graph[node] ?? []) {
      if (next === start) return wayTo(node, start, cameFrom)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, node)
      queue.push(next)
    }
  }
  return [start]
}

function wayTo(end: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const way = [end]
  for (let node = end; node !== start; way.unshift(node)) node = cameFrom.get(node) ?? start
  return way
}

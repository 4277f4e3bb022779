/**
 * Stock levels over Connect and gRPC-Web, for examples/20-grpc.routes.json: `npx node examples/services/stock.ts`.
 *
 *   service StockService {
 *     rpc GetStock(StockRequest) returns (Stock) { option (google.api.http).get = "/v1/stock/{product_id}"; }
 *     rpc WatchStock(StockRequest) returns (stream Stock);
 *   }
 */
import { createServer, type RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFileRegistry, type DescService, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'

// What `protoc --include_imports --descriptor_set_out` makes of it, in base64.
const descriptors =
  'CtgCCgtzdG9jay5wcm90bxIIc3RvY2sudjEiLQoMU3RvY2tSZXF1ZXN0Eh0KCnByb2R1Y3RfaWQYASABKAlSCXByb2R1Y3RJZCJfCgVTdG9jaxIdCgpwcm9kdWN0X2lkGAEgASgJUglwcm9kdWN0SWQSGQoIaW5fc3RvY2sYAiABKAVSB2luU3RvY2sSHAoJd2FyZWhvdXNlGAMgASgJUgl3YXJlaG91c2UypgEKDFN0b2NrU2VydmljZRJYCghHZXRTdG9jaxIWLnN0b2NrLnYxLlN0b2NrUmVxdWVzdBoPLnN0b2NrLnYxLlN0b2NrIiGQAgGC0+STAhgSFi92MS9zdG9jay97cHJvZHVjdF9pZH0wABI8CgpXYXRjaFN0b2NrEhYuc3RvY2sudjEuU3RvY2tSZXF1ZXN0Gg8uc3RvY2sudjEuU3RvY2siA5ACATABYgZwcm90bzM='

const levels = new Map([
  ['p_104', { productId: 'p_104', inStock: 312, warehouse: 'Malmo' }],
  ['p_107', { productId: 'p_107', inStock: 27, warehouse: 'Leipzig' }],
])

const PAUSE_MS = 300
const READINGS = 3

function levelOf(productId: string) {
  const level = levels.get(productId)
  if (!level) throw new ConnectError(`nothing is known of ${productId}`, Code.NotFound)
  return level
}

interface StockRequest {
  readonly productId: string
}

/** Messages of a set that is read here have no types of their own. */
const implementation = {
  getStock: ({ productId }: StockRequest) => levelOf(productId),
  async *watchStock({ productId }: StockRequest) {
    const level = levelOf(productId)
    for (let sold = 0; sold < READINGS; sold += 1) {
      if (sold > 0) await sleep(PAUSE_MS)
      yield { ...level, inStock: level.inStock - sold }
    }
  },
} as unknown as ServiceImpl<DescService>

const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, Buffer.from(descriptors, 'base64')),
)
const service = registry.getService('stock.v1.StockService') as DescService

/** Answers what a server of Node is asked. */
export const answerStock: RequestListener = connectNodeAdapter({
  routes: (router) => void router.service(service, implementation),
})

if (import.meta.main) {
  createServer(answerStock).listen(9107, '127.0.0.1', () => {
    console.log('stock on http://127.0.0.1:9107')
  })
}

// A gRPC service in versions, as the client and the policy see it: each server says which version it is.

import { Client, credentials, Metadata, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";

const asItIs = (bytes: Buffer) => bytes;
const method = {
  requestStream: false,
  responseStream: false,
  requestSerialize: asItIs,
  requestDeserialize: asItIs,
  responseSerialize: asItIs,
  responseDeserialize: asItIs,
} as const;
const paths = { read: "/demo.Reviews/Read", write: "/demo.Reviews/Write" } as const;

/** Answers every call with its version, after `delayMs` if the call says so in `x-delay`. Resolves when it listens. */
export async function startVersion(version: string, address: string): Promise<Server> {
  const server = new Server();
  const answer = (
    call: { readonly metadata: Metadata },
    reply: (error: ServiceError | null, bytes: Buffer) => void,
  ) => {
    const delay = Number(call.metadata.get("x-delay")[0] ?? 0);
    setTimeout(() => reply(null, Buffer.from(version)), delay);
  };
  server.addService(
    { read: { ...method, path: paths.read }, write: { ...method, path: paths.write } },
    { read: answer, write: answer },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return server;
}

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** Default `read`. */
  readonly method?: keyof typeof paths;
}

/** A channel to a target such as `xds:///reviews.default.svc.cluster.local:9080`. */
export class ReviewsClient {
  readonly #client: Client;

  constructor(target: string) {
    this.#client = new Client(target, credentials.createInsecure());
  }

  /** The version that answered, or the code and words of the failure. Waits for the channel for ten seconds at most. */
  call({ metadata = {}, method = "read" }: CallOptions = {}): Promise<string> {
    const headers = new Metadata();
    for (const [name, value] of Object.entries(metadata)) headers.set(name, value);
    const options = { deadline: Date.now() + 10_000 };
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, bytes?: Buffer) =>
        resolve(error ? `${error.code}: ${error.details}` : String(bytes));
      this.#client.makeUnaryRequest(paths[method], asItIs, asItIs, Buffer.alloc(0), headers, options, done);
    });
  }
}

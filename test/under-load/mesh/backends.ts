// The applications behind the proxies: HTTP, gRPC and TCP servers that answer at once and say who they are. Stopping one
// cuts what is open, as a process that ends does.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import {
  Server as GrpcServer,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { endingOf } from "../../envoy/end-server.ts";

export interface Backend {
  stop(): Promise<void>;
}

/** Answers 200 with its name, to anything. */
export function startHttpBackend(name: string, host: string, port: number): Promise<Backend> {
  const server = createHttpServer((request, response) => {
    request.resume();
    response.writeHead(200, { "x-server": name, "content-length": name.length }).end(name);
  });
  // A server that closes idle connections by itself would race with the next request on them.
  server.keepAliveTimeout = 0;
  return listen(server, host, port);
}

/** Sends back what it is sent. */
export function startTcpBackend(host: string, port: number): Promise<Backend> {
  return listen(
    createTcpServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.pipe(socket);
    }),
    host,
    port,
  );
}

const asIs = (bytes: Buffer) => bytes;

/** Bytes in, the same bytes out: `Chat` by stream, `Say` by call. */
export const echoService = {
  chat: {
    path: "/fairlead.test.Echo/Chat",
    requestStream: true,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
} as const satisfies ServiceDefinition;

export async function startGrpcBackend(host: string, port: number): Promise<Backend> {
  const server = new GrpcServer({ "grpc.enable_channelz": 0 });
  server.addService(echoService, {
    chat: (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", (bytes: Buffer) => call.write(bytes));
      call.on("end", () => call.end());
      call.on("error", () => undefined);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return {
    stop: async () => server.forceShutdown(),
  };
}

async function listen(server: Server, host: string, port: number): Promise<Backend> {
  const stop = endingOf(server);
  server.listen(port, host);
  await once(server, "listening");
  return { stop };
}

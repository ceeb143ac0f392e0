// The standard gRPC health service (grpc.health.v1), for load balancers and probes. In: whether the server is ready. Knows
// no xDS.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from "@envoyproxy/protos-ts/src/proto/grpc/health/v1/health";
import { Message } from "../cache/wire.ts";
import type { Call } from "../transport/call.ts";
import type { Methods } from "../transport/grpc-server.ts";
import { type Answer, unary } from "../transport/unary.ts";

export const healthServiceName = "grpc.health.v1.Health";

/** How often a server that is not ready yet is asked again on behalf of those who watch, in ms. */
const lookAgainMs = 200;

/** Who watches a service, and what it was told last. */
interface Watcher {
  readonly call: Call;
  readonly service: string;
  told?: Serving;
}

/** What the services of one server are up to. The empty name stands for the server as a whole. */
export class Health {
  readonly #services: readonly string[];
  readonly #ready: () => boolean;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(services: readonly string[], ready: () => boolean) {
    this.#services = ["", ...services];
    this.#ready = ready;
  }

  readonly methods: Methods = new Map([
    [`/${healthServiceName}/Check`, unary((request) => this.#check(request))],
    [`/${healthServiceName}/List`, unary(() => ({ message: new Message([this.#list()]) }))],
    [`/${healthServiceName}/Watch`, (call: Call) => this.#watch(call)],
  ]);

  /** Tells all who watch that the server is not serving any more, and ends their streams. Idempotent. */
  close(): void {
    this.#over = true;
    for (const watcher of [...this.#watchers]) {
      this.#tell(watcher);
      end(watcher.call);
    }
    clearTimeout(this.#timer);
  }

  #check(request: Buffer): Answer {
    const service = serviceIn(request);
    if (service === undefined) return { refusal: undecodable };
    const serving = this.#statusOf(service);
    if (serving !== Serving.SERVICE_UNKNOWN) return { message: new Message([encode(serving)]) };
    return { refusal: { code: "NOT_FOUND", details: `no service named ${service}` } };
  }

  #list(): Uint8Array {
    const writer = new BinaryWriter();
    for (const service of this.#services) {
      writer.tag(1, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(service);
      writer.tag(2, WireType.LengthDelimited).bytes(encode(this.#statusOf(service)));
      writer.join();
    }
    return writer.finish();
  }

  /** Goes on until the caller or the server is gone; a service that nobody knows is told, and not refused. */
  #watch(call: Call): void {
    let watcher: Watcher | undefined;
    call.listen({
      message: (request) => {
        const service = serviceIn(request);
        if (watcher) return;
        if (service === undefined) {
          call.end(undecodable.code, undecodable.details);
          return;
        }
        watcher = { call, service };
        this.#watchers.add(watcher);
        this.#tell(watcher);
        if (this.#over) end(call);
        this.#lookAgainLater();
      },
      halfClosed: () => {
        if (!watcher) call.end("INVALID_ARGUMENT", "there is no request");
      },
      closed: () => {
        if (watcher) this.#watchers.delete(watcher);
        this.#lookAgainLater();
      },
    });
  }

  #statusOf(service: string): Serving {
    if (!this.#services.includes(service)) return Serving.SERVICE_UNKNOWN;
    return !this.#over && this.#ready() ? Serving.SERVING : Serving.NOT_SERVING;
  }

  /** Only what is new. */
  #tell(watcher: Watcher): void {
    const serving = this.#statusOf(watcher.service);
    if (watcher.told === serving) return;
    watcher.told = serving;
    watcher.call.write(new Message([encode(serving)]));
  }

  /** Readiness comes once and can only be asked for. */
  #lookAgainLater(): void {
    clearTimeout(this.#timer);
    if (this.#over || ![...this.#watchers].some(({ told }) => told === Serving.NOT_SERVING)) return;
    this.#timer = setTimeout(() => {
      for (const watcher of [...this.#watchers]) this.#tell(watcher);
      this.#lookAgainLater();
    }, lookAgainMs);
    this.#timer.unref();
  }
}

const undecodable = { code: "INVALID_ARGUMENT", details: "the request cannot be decoded" } as const;

function serviceIn(request: Buffer): string | undefined {
  try {
    return fromBinary(HealthCheckRequestSchema, request).service;
  } catch {
    return undefined;
  }
}

function end(call: Call): void {
  call.end("UNAVAILABLE", "the server is shutting down");
}

function encode(serving: Serving): Uint8Array {
  return toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status: serving }));
}

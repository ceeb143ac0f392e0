// The standard gRPC health service (grpc.health.v1), for load balancers and probes. In: whether the server is ready. Knows
// no xDS.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from "@envoyproxy/protos-ts/src/proto/grpc/health/v1/health";
import {
  type MethodDefinition,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";

/** An object, since grpc-js takes an empty string for no message at all. */
interface HealthRequest {
  readonly service: string;
}

export const healthServiceName = "grpc.health.v1.Health";

const requests = {
  requestStream: false,
  requestSerialize: () => Buffer.alloc(0),
  requestDeserialize: (bytes: Buffer): HealthRequest => fromBinary(HealthCheckRequestSchema, bytes),
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
} as const;

export const healthService: Readonly<
  Record<"check" | "watch" | "list", MethodDefinition<HealthRequest, Buffer>>
> = {
  check: { path: `/${healthServiceName}/Check`, responseStream: false, ...requests },
  watch: { path: `/${healthServiceName}/Watch`, responseStream: true, ...requests },
  list: { path: `/${healthServiceName}/List`, responseStream: false, ...requests },
};

/** How often a server that is not ready yet is asked again on behalf of those who watch, in ms. */
const lookAgainMs = 200;

type WatchCall = ServerWritableStream<HealthRequest, Buffer>;

/** What the services of one server are up to. The empty name stands for the server as a whole. */
export class Health {
  readonly #services: readonly string[];
  readonly #ready: () => boolean;
  /** With what each was told last. */
  readonly #watchers = new Map<WatchCall, Serving>();
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(services: readonly string[], ready: () => boolean) {
    this.#services = ["", ...services];
    this.#ready = ready;
  }

  readonly handlers = {
    check: (call: ServerUnaryCall<HealthRequest, Buffer>, reply: sendUnaryData<Buffer>): void => {
      const { service } = call.request;
      const serving = this.#statusOf(service);
      if (serving === Serving.SERVICE_UNKNOWN)
        reply({ code: status.NOT_FOUND, details: `no service named ${service}` });
      else reply(null, encode(serving));
    },

    list: (_: unknown, reply: sendUnaryData<Buffer>): void => {
      const writer = new BinaryWriter();
      for (const service of this.#services) {
        writer.tag(1, WireType.LengthDelimited).fork();
        writer.tag(1, WireType.LengthDelimited).string(service);
        writer.tag(2, WireType.LengthDelimited).bytes(encode(this.#statusOf(service)));
        writer.join();
      }
      reply(null, Buffer.from(writer.finish()));
    },

    /** Goes on until the caller or the server is gone; a service that nobody knows is told, and not refused. */
    watch: (call: WatchCall): void => {
      const gone = () => {
        this.#watchers.delete(call);
        this.#lookAgainLater();
      };
      call.on("close", gone).on("cancelled", gone).on("error", gone);
      if (this.#over) this.#tell(call, () => end(call));
      else this.#tell(call);
      this.#lookAgainLater();
    },
  };

  /** Tells all who watch that the server is not serving any more, and ends their streams. Idempotent. */
  close(): void {
    this.#over = true;
    for (const call of [...this.#watchers.keys()]) {
      // The status of a failure overtakes an answer that has not left yet.
      this.#tell(call, () => end(call));
    }
    clearTimeout(this.#timer);
  }

  #statusOf(service: string): Serving {
    if (!this.#services.includes(service)) return Serving.SERVICE_UNKNOWN;
    return !this.#over && this.#ready() ? Serving.SERVING : Serving.NOT_SERVING;
  }

  /** Only what is new. */
  #tell(call: WatchCall, then: () => void = () => undefined): void {
    const serving = this.#statusOf(call.request.service);
    if (this.#watchers.get(call) === serving) then();
    else {
      this.#watchers.set(call, serving);
      call.write(encode(serving), then);
    }
  }

  /** Readiness comes once and can only be asked for. */
  #lookAgainLater(): void {
    clearTimeout(this.#timer);
    if (this.#over || ![...this.#watchers.values()].includes(Serving.NOT_SERVING)) return;
    this.#timer = setTimeout(() => {
      for (const call of [...this.#watchers.keys()]) this.#tell(call);
      this.#lookAgainLater();
    }, lookAgainMs);
    this.#timer.unref();
  }
}

function end(call: WatchCall): void {
  call.emit("error", { code: status.UNAVAILABLE, details: "the server is shutting down" });
}

function encode(serving: Serving): Buffer {
  return Buffer.from(
    toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status: serving })),
  );
}
